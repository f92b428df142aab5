using Wombat.Application.Audit;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Opens the session of a user who has proved who they are, and audits it; the caller saves.</summary>
internal sealed class SessionOpener(IWombatDbContext db, Journal journal, ISessions sessions, RequestContext context, TimeProvider clock)
{
    public OpenedSession Open(User user, string method, string? userAgent, Vouched? vouched = null)
    {
        var (cookie, hash) = sessions.New();
        var session = Session.Create(user.Id, hash, clock.GetUtcNow(), sessions.Lifetime, context.Address, userAgent);
        if (vouched is not null)
        {
            session.Vouch(vouched.Issuer, vouched.ProviderSession, vouched.Tokens, vouched.RefreshAt);
        }
        else if (method == ExternalIdentity.Ldap)
        {
            session.Vouch(ExternalIdentity.Ldap, providerSession: null, tokens: null, refreshAt: null);
        }

        context.Caller = new Caller(user.Login, "session", user.PlatformRole == PlatformRole.Admin) { UserId = user.Id, CredentialId = session.Id };
        db.Sessions.Add(session);
        journal.Record("session.opened", "user", user.Id, projectId: null, after: new SessionRecord(session.Id, method));
        return new OpenedSession(cookie, session.ExpiresAt);
    }
}
