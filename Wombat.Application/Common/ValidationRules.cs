using FluentValidation;
using Wombat.Domain.Users;

namespace Wombat.Application.Common;

/// <summary>Validation rules that several messages use.</summary>
internal static class ValidationRules
{
    /// <summary>Text without control characters, except tab and line breaks in multi-line text.</summary>
    public static IRuleBuilderOptions<T, string?> PlainText<T>(this IRuleBuilder<T, string?> rule, bool multiline = false) =>
        rule.Must(text => text is null || IsPlain(text, multiline)).WithMessage("must not contain control characters or broken Unicode");

    /// <summary>As in <see cref="PlainText"/>.</summary>
    public static bool IsPlain(string text, bool multiline = false) =>
        !text.Any(c => char.IsControl(c) && !(multiline && c is '\n' or '\r' or '\t')) && IsPaired(text);

    /// <summary>A time that is not over; null for none.</summary>
    public static IRuleBuilderOptions<T, DateTimeOffset?> InTheFuture<T>(this IRuleBuilder<T, DateTimeOffset?> rule, TimeProvider clock) =>
        rule.Must(at => at is null || at > clock.GetUtcNow()).WithMessage("must be in the future");

    /// <summary>A line number in a log; 0 for the beginning.</summary>
    public static IRuleBuilderOptions<T, long> Place<T>(this IRuleBuilder<T, long> rule) =>
        rule.GreaterThanOrEqualTo(0).WithMessage("must not be negative");

    public static IRuleBuilderOptionsConditions<T, string?> PublicKey<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom(
            (line, context) =>
            {
                if (SshPublicKey.Parse(line, out var problem) is null)
                {
                    context.AddFailure(problem);
                }
            }
        );

    public static void ValidPage<T>(this IRuleBuilder<T, PageRequest> rule, params string[] sorts) =>
        rule.ChildRules(page =>
        {
            page.RuleFor(p => p.Limit).InclusiveBetween(1, PageRequest.MaxLimit).WithMessage($"must be from 1 to {PageRequest.MaxLimit}");
            page.RuleFor(p => p.Sort)
                .Must(s => s is null || sorts.Contains(s.TrimStart('-'), StringComparer.Ordinal) && s.Length - s.TrimStart('-').Length <= 1)
                .WithMessage($"must be one of {string.Join(", ", sorts)}, with - before it for descending");
        });

    /// <summary>Whether the text is Unicode without half surrogate pairs, which PostgreSQL does not store.</summary>
    public static bool IsPaired(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
