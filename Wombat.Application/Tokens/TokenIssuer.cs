using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>Creates tokens of users and of projects, inside the caller's transaction.</summary>
internal sealed class TokenIssuer(IWombatDbContext db, ITokens tokens, AuditLog auditLog, RequestContext context, TimeProvider clock)
{
    /// <exception cref="ConflictException">As many tokens as allowed exist.</exception>
    public static async Task EnsureBelowLimitAsync(IQueryable<AccessToken> tokens, CancellationToken cancel)
    {
        if (await tokens.CountAsync(t => t.RevokedAt == null, cancel) >= AccessToken.TokensMax)
        {
            throw new ConflictException(
                ErrorCode.TooManyTokens,
                $"At most {AccessToken.TokensMax} active tokens are allowed. Revoke one first."
            );
        }
    }

    public async Task<TokenDto> IssueAsync(
        Func<TokenRequest, byte[], Caller, DateTimeOffset, AccessToken> create,
        NewToken details,
        Guid? reaches,
        string targetType,
        Guid targetId,
        Guid? projectId,
        CancellationToken cancel
    )
    {
        // Otherwise a stolen narrow token could create a wide one.
        var scope = details.Scopes!.Max();
        var caller = context.Caller!;
        if (scope > caller.Scope)
        {
            throw new ForbiddenException(
                ErrorCode.ScopeTooNarrow,
                "A token cannot have a wider scope than the credential that creates it."
            );
        }

        if (AccessToken.EndOf(caller) is { } end && details.ExpiresAt > end)
        {
            throw new InvalidInputException(
                "expires_at",
                $"must not be later than the end of the credential that creates the token, {end.UtcDateTime:O}"
            );
        }

        return await db.InTransactionAsync(
            async token =>
            {
                await EnsureStillValidAsync(caller, token);
                var (secret, hash) = tokens.New();
                var made = create(new TokenRequest(details.Name!, scope, reaches, details.ExpiresAt), hash, caller, clock.GetUtcNow());
                db.AccessTokens.Add(made);
                auditLog.Record(EventAction.TokenCreated, targetType, targetId, projectId, after: TokenDto.From(made));
                await db.SaveChangesAsync(token);
                return TokenDto.From(made, secret);
            },
            cancel
        );
    }

    // Revoking a token revokes the tokens created with it, so none may be created with it at the same moment.
    private async Task EnsureStillValidAsync(Caller caller, CancellationToken cancel)
    {
        if (AccessToken.IsCreatedByToken(caller) && !await db.LockTokenAsync(caller.CredentialId!.Value, cancel))
        {
            throw new UnauthenticatedException(
                "The credential is not valid, expired or revoked.",
                "the credential was revoked while it created a token"
            );
        }
    }
}
