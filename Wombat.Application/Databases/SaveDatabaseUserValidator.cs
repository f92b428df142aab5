using System.Text.RegularExpressions;
using FluentValidation;
using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

internal sealed partial class SaveDatabaseUserValidator : AbstractValidator<OperateResourceWith<SaveDatabaseUser, AcceptedDatabase>>
{
    public SaveDatabaseUserValidator(TimeProvider clock)
    {
        RuleFor(m => m.Arguments.Name)
            .NotEmpty()
            .WithMessage("is required")
            .Must(n => NameRegex().IsMatch(n!) && !n!.StartsWith("pg_", StringComparison.Ordinal))
            .WithMessage("must be 1 to 40 of a-z, 0-9 and _, beginning with a letter, and not with pg_")
            .OverridePropertyName("name");
        RuleFor(m => m.Arguments.Role).NotNull().WithMessage("is required").OverridePropertyName("role");
        RuleFor(m => m.Arguments.ExpiresAt)
            .Must(at => at is null || at > clock.GetUtcNow())
            .WithMessage("must be in the future")
            .OverridePropertyName("expires_at");
        RuleFor(m => m.Arguments.Reason).Reason().When(m => m.Arguments.ExpiresAt is not null).OverridePropertyName("reason");
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,39}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NameRegex();
}
