using Wombat.Domain.Common;

namespace Wombat.Domain.Directories;

/// <summary>The OpenID provider at which users sign in. All responses are validated.</summary>
public interface IOpenIdProvider
{
    /// <summary>The provider's name for people; null if none is configured.</summary>
    string? Name { get; }

    RoleMappings Mappings { get; }

    /// <summary>Whether the first sign-in creates a user. Otherwise an admin must link the identity first.</summary>
    bool CreatesUsers { get; }

    /// <summary>Creates the authorization request: the URL for the browser and the values that the response must match.</summary>
    /// <exception cref="ConflictException">No provider is configured.</exception>
    /// <exception cref="ExternalSystemException">It does not answer.</exception>
    Task<ProviderRequest> BeginAsync(CancellationToken cancel);

    /// <summary>Checks the issuer of the response, exchanges its code for tokens and validates them.</summary>
    /// <exception cref="UnauthenticatedException">There is no code, or the response, the code or a token is invalid. The reason is for the
    /// audit log.</exception>
    /// <exception cref="ExternalSystemException">It does not answer.</exception>
    Task<OidcSignInResult> CompleteAsync(ProviderReturn response, ProviderRequest request, CancellationToken cancel);

    /// <summary>Refreshes the sign-in with the refresh token. Returns null if the provider ended it.</summary>
    /// <exception cref="ExternalSystemException">The provider does not respond, or refuses Wombat's request for a reason other than the
    /// user.</exception>
    Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel);

    /// <summary>Validates the provider's logout token, which ends a session or all sessions of a subject.</summary>
    /// <exception cref="UnauthenticatedException">The token is invalid.</exception>
    Task<LogoutNotice> ReadLogoutAsync(string token, CancellationToken cancel);

    /// <summary>
    /// Revokes the refresh token and returns the URL at which the browser ends its session at the provider; null if there is none.
    /// </summary>
    Task<string?> EndAsync(byte[] tokens, CancellationToken cancel);
}
