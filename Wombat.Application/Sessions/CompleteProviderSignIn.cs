using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Directories;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>Completes a sign-in at the OpenID provider: exchanges the code and opens a session.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record CompleteProviderSignIn(ProviderReturn Answered, ProviderRequest Begun, string? UserAgent) : IRequest<OpenedSession>;

internal sealed class CompleteProviderSignInHandler(
    IWombatDbContext db,
    IOpenIdProvider provider,
    ExternalUserProvisioner users,
    SessionOpener opener,
    RequestContext context
) : IRequestHandler<CompleteProviderSignIn, OpenedSession>
{
    public async Task<OpenedSession> Handle(CompleteProviderSignIn request, CancellationToken cancellationToken)
    {
        // Outside the transaction, because the provider may be slow.
        var signIn = await provider.CompleteAsync(request.Answered, request.Begun, cancellationToken);
        return await db.InTransactionAsync(
            async cancel =>
            {
                var user = await users.FindAsync(signIn, cancel);
                context.Caller = new Caller(user.Login, ExternalUserProvisioner.Source, IsAdmin: false) { UserId = user.Id };
                await users.ApplyGroupsAsync(user, signIn, cancel);
                var opened = opener.Open(user, ExternalUserProvisioner.Source, request.UserAgent, signIn);
                await db.SaveChangesAsync(cancel);
                return opened;
            },
            cancellationToken
        );
    }
}
