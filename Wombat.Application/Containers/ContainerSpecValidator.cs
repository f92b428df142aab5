using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>What every new container needs, whatever it is made of.</summary>
internal sealed class ContainerSpecValidator : AbstractValidator<ContainerSpec>
{
    public ContainerSpecValidator(PublishedPortRange range)
    {
        RuleFor(s => s.Cpu).Cores();
        RuleFor(s => s.Memory).MemoryMib();
        RuleFor(s => s.Disk).DiskGib();
        RuleFor(s => s.SshKeys).Must(k => k.Count <= Container.SshKeysMax).WithMessage($"must be at most {Container.SshKeysMax}");
        RuleForEach(s => s.SshKeys).PublicKey();
        RuleFor(s => s.Environment).Variables();
        RuleFor(s => s.UserData).Script();
        RuleFor(s => s.Ports).Publishable();
        RuleForEach(s => s.Ports).SetValidator(new PortMappingValidator(range));
    }
}
