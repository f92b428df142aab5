using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class RestoreSnapshotValidator : AbstractValidator<OperateResourceWith<RestoreSnapshot, AcceptedContainer>>
{
    public RestoreSnapshotValidator() => RuleFor(m => m.Arguments.Name).KnownSnapshotName();
}
