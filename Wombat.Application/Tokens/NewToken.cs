using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>What both kinds of token are asked for with. Not idempotent by key: the answer holds a secret, and secrets are not kept.</summary>
/// <param name="Scopes">The widest counts; each includes those before it.</param>
public sealed record NewToken(string? Name, IReadOnlyList<TokenScope>? Scopes, DateTimeOffset? ExpiresAt);

internal sealed class NewTokenValidator : AbstractValidator<NewToken>
{
    public NewTokenValidator(TimeProvider clock)
    {
        RuleFor(t => t.Name)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(AccessToken.NameMax)
            .WithMessage($"must have at most {AccessToken.NameMax} characters")
            .PlainText();
        RuleFor(t => t.Scopes).NotEmpty().WithMessage("must name at least one of read, operate, manage");
        RuleFor(t => t.ExpiresAt).Must(at => at is null || at > clock.GetUtcNow()).WithMessage("must lie in the future");
    }
}
