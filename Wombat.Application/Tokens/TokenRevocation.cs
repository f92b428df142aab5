using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>Revokes tokens together with all tokens that were created with them.</summary>
public sealed class TokenRevocation(IWombatDbContext db, AuditLog auditLog, TimeProvider clock)
{
    /// <summary>Locks and revokes the tokens and records an event for each. Runs in the caller's transaction; the caller saves.</summary>
    /// <returns>The tokens that were not revoked before.</returns>
    public async Task<IReadOnlyList<AccessToken>> RevokeAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancel)
    {
        var tokens = ids.Count == 0 ? [] : await db.LockTokensAsync([.. ids], cancel);
        foreach (var token in tokens)
        {
            token.Revoke(clock.GetUtcNow());
            var (type, target) = token switch
            {
                { UserId: { } user } => ("user", user),
                { ProjectId: { } project } => ("project", project),
                _ => ("platform", Guid.Empty),
            };
            auditLog.Record(
                EventAction.TokenRevoked,
                type,
                target,
                token.UserId is null ? token.ProjectId : null,
                before: TokenDto.From(token)
            );
        }

        return tokens;
    }

    /// <summary>The same for the one among <paramref name="tokens"/> with this id.</summary>
    /// <exception cref="NotFoundException">It is not among them, or is revoked already.</exception>
    public async Task RevokeAsync(IQueryable<AccessToken> tokens, Guid id, CancellationToken cancel)
    {
        if (!await tokens.AnyAsync(t => t.Id == id, cancel) || !(await RevokeAsync([id], cancel)).Any(t => t.Id == id))
        {
            throw new NotFoundException("token");
        }
    }
}
