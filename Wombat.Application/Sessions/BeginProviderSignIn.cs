using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>Where a browser goes to sign in at the OpenID provider.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record BeginProviderSignIn : IRequest<ProviderRequest>;

/// <summary>The browser has come back with a code, which opens a session.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record CompleteProviderSignIn(ProviderReturn Answered, ProviderRequest Begun, string? UserAgent) : IRequest<OpenedSession>;

/// <summary>The provider says that a session has ended there; it ends here too.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record EndProviderSessions(string LogoutToken) : IRequest;

internal sealed class ProviderSignInHandlers(
    IWombatDbContext db,
    IOpenIdProvider provider,
    ExternalUserProvisioner users,
    SessionOpener opener,
    Credentials credentials,
    RequestContext context
)
    : IRequestHandler<BeginProviderSignIn, ProviderRequest>,
        IRequestHandler<CompleteProviderSignIn, OpenedSession>,
        IRequestHandler<EndProviderSessions>
{
    public Task<ProviderRequest> Handle(BeginProviderSignIn request, CancellationToken cancellationToken) =>
        provider.BeginAsync(cancellationToken);

    public async Task<OpenedSession> Handle(CompleteProviderSignIn request, CancellationToken cancellationToken)
    {
        // The provider is asked outside of the transaction: it may be slow.
        var signIn = await provider.CompleteAsync(request.Answered, request.Begun, cancellationToken);
        return await db.InTransactionAsync(
            async cancel =>
            {
                var user = await users.FindAsync(signIn, cancel);
                context.Caller = new Caller(user.Login, ExternalUserProvisioner.Source, IsAdmin: false) { UserId = user.Id };
                await users.GrantAsync(user, signIn, cancel);
                var opened = opener.Open(user, ExternalUserProvisioner.Source, request.UserAgent, signIn);
                await db.SaveChangesAsync(cancel);
                return opened;
            },
            cancellationToken
        );
    }

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
