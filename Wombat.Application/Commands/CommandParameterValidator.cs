using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Checks the declaration of a parameter.</summary>
internal sealed class CommandParameterValidator : AbstractValidator<CommandParameter>
{
    public CommandParameterValidator(CommandKind kind)
    {
        RuleFor(p => p.Name)
            .Must(CommandParameter.IsName)
            .WithMessage(
                $"must be 1 to {CommandParameter.NameMax} letters, digits and _, and no variable that programs take as code, such as PATH"
            );
        RuleFor(p => p.Description).MaximumLength(CommandParameter.DescriptionMax).PlainText(multiline: true);
        RuleFor(p => p.Kind).NotNull().WithMessage("is required").When(p => p.Type == ParameterType.Resource);
        RuleFor(p => p.Kind).Null().WithMessage("is only for resources").When(p => p.Type != ParameterType.Resource);
        RuleFor(p => p.Pattern)
            .Null()
            .WithMessage("is only for strings and secrets")
            .When(p => p.Type is not (ParameterType.String or ParameterType.Secret));
        RuleFor(p => p.Pattern)
            .MaximumLength(CommandParameter.PatternMax)
            .PlainText()
            .Must(p => p is null || ParameterValues.TryPattern(p) is not null)
            .WithMessage("must be a regular expression without back references and look-around");
        RuleFor(p => p.Min).Null().WithMessage("is only for integers").When(p => p.Type != ParameterType.Integer);
        RuleFor(p => p.Max).Null().WithMessage("is only for integers").When(p => p.Type != ParameterType.Integer);
        RuleFor(p => p.Max).Must((p, max) => max is null || p.Min is null || max >= p.Min).WithMessage("must not be less than min");
        RuleFor(p => p.Values)
            .Must(v => v.Count is > 0 and <= CommandParameter.ValuesMax)
            .WithMessage($"must be 1 to {CommandParameter.ValuesMax} values")
            .When(p => p.Type == ParameterType.Enum);
        RuleFor(p => p.Values).Must(v => v.Count == 0).WithMessage("is only for enums").When(p => p.Type != ParameterType.Enum);
        RuleForEach(p => p.Values)
            .Must(v => ParameterValues.TextProblem(v, kind) is null)
            .WithMessage((_, v) => ParameterValues.TextProblem(v, kind));
        RuleFor(p => p.Default).Null().WithMessage("is not for secrets: it would not be one").When(p => p.Type == ParameterType.Secret);
        RuleFor(p => p.Default)
            .Must((p, d) => d is null || ParameterValues.Problem(p, d, kind) is null)
            .WithMessage((p, d) => ParameterValues.Problem(p, d!, kind));
    }
}
