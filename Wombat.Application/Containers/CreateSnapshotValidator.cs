using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class CreateSnapshotValidator : AbstractValidator<OperateResourceWith<CreateSnapshot, AcceptedContainer>>
{
    public CreateSnapshotValidator(TimeProvider clock)
    {
        RuleFor(m => m.Arguments.Name).SnapshotName();
        RuleFor(m => m.Arguments.ExpiresAt).InTheFuture(clock);
    }
}
