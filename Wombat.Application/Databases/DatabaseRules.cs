using System.Text.RegularExpressions;
using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Validation rules of databases that several messages use.</summary>
internal static partial class DatabaseRules
{
    // Roles that every provider creates for itself.
    private static readonly string[] ReservedUsers = ["app", "app_a", "app_b", "postgres", "streaming_replica"];

    public static IRuleBuilderOptions<T, string?> DatabaseName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty()
            .WithMessage("is required")
            .Must(n => Database.NameRegex().IsMatch(n!))
            .WithMessage("must be 3 to 63 of a-z, 0-9 and -, beginning with a letter");

    public static IRuleBuilderOptions<T, string?> Purpose<T>(this IRuleBuilder<T, string?> rule) =>
        rule.MaximumLength(DatabaseSpec.PurposeMax)
            .WithMessage($"must have at most {DatabaseSpec.PurposeMax} characters")
            .PlainText(multiline: true);

    public static IRuleBuilderOptions<T, string?> ResponsibleOwner<T>(this IRuleBuilder<T, string?> rule) =>
        rule.MaximumLength(DatabaseSpec.OwnerMax).WithMessage($"must have at most {DatabaseSpec.OwnerMax} characters").PlainText();

    public static IRuleBuilderOptions<T, string?> DatabaseUserName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(n => n is null || UserNameRegex().IsMatch(n) && !n.StartsWith("pg_", StringComparison.Ordinal))
            .WithMessage("must be 1 to 40 of a-z, 0-9 and _, beginning with a letter, and not with pg_")
            .Must(n => n is null || !ReservedUsers.Contains(n, StringComparer.Ordinal))
            .WithMessage("is reserved");

    /// <summary>Why something is done, for the audit.</summary>
    public static IRuleBuilderOptions<T, string?> Reason<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty().WithMessage("is required").MaximumLength(200).WithMessage("must have at most 200 characters").PlainText();

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UserNameRegex();
}
