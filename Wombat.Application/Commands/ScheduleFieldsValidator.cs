using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Checks the form of what people say about a schedule.</summary>
internal sealed class ScheduleFieldsValidator : AbstractValidator<ScheduleFields>
{
    public ScheduleFieldsValidator()
    {
        RuleFor(f => f.Name).NotEmpty().WithMessage("is required").MaximumLength(Schedule.NameMax).PlainText();
        RuleFor(f => f.Spec.Cron).NotEmpty().WithMessage("is required").OverridePropertyName("cron");
        RuleFor(f => f.Spec.Missed).IsInEnum().OverridePropertyName("missed");
    }
}
