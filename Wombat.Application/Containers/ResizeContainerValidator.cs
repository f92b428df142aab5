using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class ResizeContainerValidator : AbstractValidator<OperateResourceWith<ResizeContainer, AcceptedContainer>>
{
    public ResizeContainerValidator()
    {
        RuleFor(m => m.Arguments.Cpu)
            .Must((m, cpu) => m.Arguments.Size is not null || (cpu ?? m.Arguments.Memory ?? m.Arguments.Disk) is not null)
            .WithMessage("this, memory, disk or size is required");
        RuleFor(m => m.Arguments.Cpu).Cores();
        RuleFor(m => m.Arguments.Memory).MemoryMib();
        RuleFor(m => m.Arguments.Disk).DiskGib();
    }
}
