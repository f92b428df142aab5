using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class ResizeContainerValidator : AbstractValidator<OperateResourceWith<ResizeContainer, AcceptedContainer>>
{
    public ResizeContainerValidator()
    {
        RuleFor(m => m.Arguments.Cpu)
            .Must((m, cpu) => (cpu ?? m.Arguments.Memory ?? m.Arguments.Disk) is not null)
            .WithMessage("this, memory or disk is required");
        RuleFor(m => m.Arguments.Cpu).Cores();
        RuleFor(m => m.Arguments.Memory).MemoryMib();
        RuleFor(m => m.Arguments.Disk).DiskGib();
    }
}
