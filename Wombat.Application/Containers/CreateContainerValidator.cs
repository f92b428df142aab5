using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

internal sealed class CreateContainerValidator : AbstractValidator<CreateResource<ContainerSpec, AcceptedContainer>>
{
    public CreateContainerValidator(TimeProvider clock, PublishedPortRange range)
    {
        RuleFor(m => m.ExpiresAt).InTheFuture(clock);
        RuleFor(m => m.Spec.Template)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(Container.TemplateMax)
            .WithMessage($"must have at most {Container.TemplateMax} characters")
            .Must(t => string.IsNullOrEmpty(t) || Container.TemplateRegex().IsMatch(t))
            .WithMessage("must be of letters, digits and . _ : / -");
        RuleFor(m => m.Name)
            .Must(n => n is null || n.Length is >= 1 and <= Container.NameMax && Container.NameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NameMax} of a-z, 0-9 and -, beginning with a letter and not ending with -");
        RuleFor(m => m.Spec.Cpu).Cores();
        RuleFor(m => m.Spec.Memory).MemoryMib();
        RuleFor(m => m.Spec.Disk).DiskGib();
        RuleFor(m => m.Spec.Node)
            .Must(n => n is null || n.Length is >= 1 and <= Container.NodeMax && Container.NodeRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NodeMax} letters, digits and -, beginning and ending with a letter or digit");
        RuleFor(m => m.Spec.SshKeys).Must(k => k.Count <= Container.SshKeysMax).WithMessage($"must be at most {Container.SshKeysMax}");
        RuleForEach(m => m.Spec.SshKeys).PublicKey();
        RuleFor(m => m.Spec.Ports).Publishable();
        RuleForEach(m => m.Spec.Ports).SetValidator(new PortMappingValidator(range));
    }
}
