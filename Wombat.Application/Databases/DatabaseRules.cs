using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>Validation rules of databases that several messages use.</summary>
internal static class DatabaseRules
{
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

    /// <summary>Why something is done, for the audit.</summary>
    public static IRuleBuilderOptions<T, string?> Reason<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty().WithMessage("is required").MaximumLength(200).WithMessage("must have at most 200 characters").PlainText();
}
