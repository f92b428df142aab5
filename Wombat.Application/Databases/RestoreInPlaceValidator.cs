using FluentValidation;
using Wombat.Application.Common;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed class RestoreInPlaceValidator : AbstractValidator<OperateResourceWith<RestoreInPlace, AcceptedDatabase>>
{
    public RestoreInPlaceValidator() =>
        RuleFor(m => m.Arguments.BackupId)
            .Must((m, id) => id is null || m.Arguments.TargetTime is null)
            .WithMessage("cannot be given together with target_time")
            .MaximumLength(100)
            .PlainText();
}
