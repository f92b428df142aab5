using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Directories;

namespace Wombat.Application.Sessions;

/// <summary>How users sign in here. Anonymous callers read it.</summary>
[RequirePermission(Permission.SignIn)]
public sealed record GetSignInOptions : IRequest<SignInOptions>;

internal sealed class GetSignInOptionsHandler(FirstAdmin firstAdmin, IOpenIdProvider provider, IDirectory directory)
    : IRequestHandler<GetSignInOptions, SignInOptions>
{
    private static readonly string Version = typeof(GetSignInOptionsHandler).Assembly.GetName().Version!.ToString(3);

    public async Task<SignInOptions> Handle(GetSignInOptions request, CancellationToken cancellationToken) =>
        new(
            Password: true,
            new OpenIdOption(provider.Name is not null, provider.Name),
            directory.IsConfigured,
            await firstAdmin.IsMissingAsync(cancellationToken),
            Version
        );
}
