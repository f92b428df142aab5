using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>Starts a sign-in at the OpenID provider: the address for the browser.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record BeginProviderSignIn : IRequest<ProviderRequest>;

internal sealed class BeginProviderSignInHandler(IOpenIdProvider provider) : IRequestHandler<BeginProviderSignIn, ProviderRequest>
{
    public Task<ProviderRequest> Handle(BeginProviderSignIn request, CancellationToken cancellationToken) =>
        provider.BeginAsync(cancellationToken);
}
