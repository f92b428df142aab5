using System.Text.RegularExpressions;
using FluentValidation;
using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

internal static partial class SnapshotRules
{
    /// <summary>The name of a snapshot, which has the form of a container's name.</summary>
    public static IRuleBuilderOptions<T, string?> SnapshotName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty()
            .WithMessage("is required")
            .Must(n => string.IsNullOrEmpty(n) || n.Length <= Container.NameMax && Container.NameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NameMax} of a-z, 0-9 and -, beginning with a letter and not ending with -");

    /// <summary>The name of a snapshot that exists, which somebody may have made in the outside system.</summary>
    public static IRuleBuilderOptions<T, string?> KnownSnapshotName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty()
            .WithMessage("is required")
            .Must(n => string.IsNullOrEmpty(n) || n.Length <= Container.NameMax && KnownNameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Container.NameMax} letters, digits, _ and -, beginning with a letter");

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KnownNameRegex();
}
