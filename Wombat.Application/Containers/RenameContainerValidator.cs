using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class RenameContainerValidator : AbstractValidator<OperateResourceWith<RenameContainer, AcceptedContainer>>
{
    public RenameContainerValidator()
    {
        RuleFor(m => m.Arguments.Name).NotNull().WithMessage("is required");
        RuleFor(m => m.Arguments.Name).ContainerName();
    }
}
