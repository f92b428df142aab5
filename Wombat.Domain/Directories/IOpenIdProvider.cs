using Wombat.Domain.Common;

namespace Wombat.Domain.Directories;

/// <summary>The OpenID provider that vouches for users. Its answers are verified here before anything is believed.</summary>
public interface IOpenIdProvider
{
    RoleMappings Mappings { get; }

    /// <summary>Whether whom it vouches for becomes a user; else an admin links identities first.</summary>
    bool CreatesUsers { get; }

    /// <summary>Where to send the browser, and what its return must match.</summary>
    /// <exception cref="ConflictException">No provider is configured.</exception>
    /// <exception cref="ExternalSystemException">It does not answer.</exception>
    Task<ProviderRequest> BeginAsync(CancellationToken cancel);

    /// <summary>Checks where the response comes from, exchanges its code for tokens and verifies them.</summary>
    /// <exception cref="UnauthenticatedException">There is no code, or the response, the code or a token is not valid; the reason is for the audit.</exception>
    /// <exception cref="ExternalSystemException">It does not answer.</exception>
    Task<OidcSignInResult> CompleteAsync(ProviderReturn answered, ProviderRequest request, CancellationToken cancel);

    /// <summary>Asks again with the refresh token, which the provider replaces. Null: it vouches no more.</summary>
    /// <exception cref="ExternalSystemException">It does not answer, or refuses Wombat rather than the user.</exception>
    Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel);

    /// <summary>Verifies the provider's notice that a session or all of a subject's have ended there.</summary>
    /// <exception cref="UnauthenticatedException">It is not the provider's.</exception>
    Task<LogoutNotice> ReadLogoutAsync(string token, CancellationToken cancel);

    /// <summary>Where the browser ends its session at the provider too; null where that offers no such page. The refresh token is given back.</summary>
    Task<string?> EndAsync(byte[] tokens, CancellationToken cancel);
}
