using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>Ends the session of the request, here and at the provider. Other credentials have no session.</summary>
[RequirePermission(Permission.IdentityRead)]
public sealed record SignOut : IRequest<SignedOut>;

internal sealed class SignOutHandler(IWombatDbContext db, IOpenIdProvider provider, UserCredentials credentials, RequestContext context)
    : IRequestHandler<SignOut, SignedOut>
{
    public async Task<SignedOut> Handle(SignOut request, CancellationToken cancellationToken)
    {
        if (context.Caller is not { AuthenticationType: "session", UserId: { } user, CredentialId: { } id })
        {
            throw new ConflictException(ErrorCode.NoSession, "The request was not authenticated by a session.");
        }

        var session = await credentials.EndSessionAsync(user, id, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return new SignedOut(session.ProviderTokens is { } tokens ? await provider.EndAsync(tokens, cancellationToken) : null);
    }
}
