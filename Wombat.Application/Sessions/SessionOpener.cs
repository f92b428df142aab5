using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Directories;
using Wombat.Domain.Sessions;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Opens and audits the session of an authenticated user; the caller saves.</summary>
internal sealed class SessionOpener(IWombatDbContext db, AuditLog auditLog, ISessions sessions, RequestContext context, TimeProvider clock)
{
    public OpenedSession Open(User user, string method, string? userAgent, OidcSignInResult? signIn = null)
    {
        var (cookie, hash) = sessions.New();
        var session = Session.Create(user.Id, hash, clock.GetUtcNow(), sessions.Lifetime, context.Address, userAgent);
        if (signIn is not null)
        {
            session.LinkToProvider(signIn.Issuer, signIn.ProviderSession, signIn.Tokens, signIn.RefreshAt);
        }
        else if (method == ExternalIdentity.Ldap)
        {
            session.LinkToProvider(ExternalIdentity.Ldap, providerSession: null, tokens: null, refreshAt: null);
        }

        context.Caller = new Caller(user.Login, "session", user.PlatformRole == PlatformRole.Admin)
        {
            UserId = user.Id,
            CredentialId = session.Id,
        };
        db.Sessions.Add(session);
        auditLog.Record(EventAction.SessionOpened, "user", user.Id, projectId: null, after: new SessionRecord(session.Id, method));
        return new OpenedSession(cookie, session.ExpiresAt);
    }
}
