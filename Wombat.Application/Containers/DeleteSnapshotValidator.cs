using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Containers;

internal sealed class DeleteSnapshotValidator : AbstractValidator<OperateResourceWith<DeleteSnapshot, AcceptedContainer>>
{
    public DeleteSnapshotValidator() => RuleFor(m => m.Arguments.Name).KnownSnapshotName();
}
