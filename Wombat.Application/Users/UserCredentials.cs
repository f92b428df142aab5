using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Tokens;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Sessions;

namespace Wombat.Application.Users;

/// <summary>Ends the tokens and sessions of users, with an event for each.</summary>
internal sealed class UserCredentials(IWombatDbContext db, TokenRevocation revocation, AuditLog auditLog)
{
    /// <summary>Revokes the users' tokens and ends their sessions, inside the caller's transaction; the caller saves.</summary>
    public async Task RevokeAllAsync(IReadOnlyCollection<Guid> users, CancellationToken cancel)
    {
        await revocation.RevokeAsync(
            await db.AccessTokens.Where(t => users.Contains(t.UserId!.Value) && t.RevokedAt == null).Select(t => t.Id).ToListAsync(cancel),
            cancel
        );
        await EndSessionsAsync(db.Sessions.Where(s => users.Contains(s.UserId)), "the account was deactivated", cancel);
    }

    /// <param name="reason">The reason, recorded in the events.</param>
    public async Task EndSessionsAsync(IQueryable<Session> sessions, string reason, CancellationToken cancel)
    {
        foreach (var session in await sessions.ToListAsync(cancel))
        {
            db.Sessions.Remove(session);
            auditLog.Record(
                EventAction.SessionEnded,
                "user",
                session.UserId,
                projectId: null,
                before: new SessionRecord(session.Id, reason)
            );
        }
    }

    /// <summary>Ends one session of the user; the caller saves.</summary>
    /// <exception cref="NotFoundException">The user has no such session.</exception>
    public async Task<Session> EndSessionAsync(Guid user, Guid id, CancellationToken cancel)
    {
        var session =
            await db.Sessions.SingleOrDefaultAsync(s => s.Id == id && s.UserId == user, cancel) ?? throw new NotFoundException("session");
        db.Sessions.Remove(session);
        auditLog.Record(EventAction.SessionEnded, "user", user, projectId: null, before: new SessionRecord(id, Method: null));
        return session;
    }
}
