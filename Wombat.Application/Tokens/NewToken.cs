using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>
/// The fields of a new token. Creating one accepts no Idempotency-Key, because the response with the secret must not be stored.
/// </summary>
/// <param name="Scopes">The widest counts; each scope includes the ones before it.</param>
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
        RuleFor(t => t.ExpiresAt).InTheFuture(clock);
    }
}
