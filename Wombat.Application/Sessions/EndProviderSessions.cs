using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>Ends the sessions that the OpenID provider reports as ended (back-channel logout).</summary>
[RequirePermission(Permission.SignIn)]
public sealed record EndProviderSessions(string LogoutToken) : IRequest;

internal sealed class EndProviderSessionsHandler(IWombatDbContext db, IOpenIdProvider provider, UserCredentials credentials)
    : IRequestHandler<EndProviderSessions>
{
    public async Task<Unit> Handle(EndProviderSessions request, CancellationToken cancellationToken)
    {
        var notice = await provider.ReadLogoutAsync(request.LogoutToken, cancellationToken);
        var sessions = notice.ProviderSession is { } named
            ? db.Sessions.Where(s => s.Issuer == notice.Issuer && s.ProviderSession == named)
            : db.Sessions.Where(s =>
                s.Issuer == notice.Issuer
                && db.Identities.Any(i => i.Issuer == notice.Issuer && i.Subject == notice.Subject && i.UserId == s.UserId)
            );
        await credentials.EndSessionsAsync(sessions, "ended by the provider", cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
