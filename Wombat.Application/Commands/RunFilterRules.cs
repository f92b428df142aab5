using FluentValidation;
using Wombat.Application.Common;

namespace Wombat.Application.Commands;

/// <summary>The rules of filters of runs.</summary>
internal static class RunFilterRules
{
    private const int NameMax = 255;

    public static void ValidFilter<T>(this AbstractValidator<T> validator, Func<T, RunFilter> filter)
    {
        validator.RuleFor(m => filter(m).RequestedBy).MaximumLength(NameMax).PlainText().OverridePropertyName("requested_by");
        validator.RuleFor(m => filter(m).Host).MaximumLength(NameMax).PlainText().OverridePropertyName("host");
    }
}
