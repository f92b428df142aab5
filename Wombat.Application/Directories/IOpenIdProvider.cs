using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>The OpenID provider that vouches for users. Its answers are verified here before anything is believed.</summary>
public interface IOpenIdProvider
{
    RoleMappings Mappings { get; }

    /// <summary>Whether whom it vouches for becomes a user; else an admin links identities first.</summary>
    bool CreatesUsers { get; }

    /// <summary>Where to send the browser, and what its return must match.</summary>
    /// <exception cref="ConflictException">No provider is configured.</exception>
    /// <exception cref="UnavailableException">It does not answer.</exception>
    Task<ProviderRequest> BeginAsync(CancellationToken cancel);

    /// <summary>Checks where the response comes from, exchanges its code for tokens and verifies them.</summary>
    /// <exception cref="UnauthenticatedException">There is no code, or the response, the code or a token is not valid; the reason is for the audit.</exception>
    /// <exception cref="UnavailableException">It does not answer.</exception>
    Task<OidcSignInResult> CompleteAsync(ProviderReturn answered, ProviderRequest request, CancellationToken cancel);

    /// <summary>Asks again with the refresh token, which the provider replaces. Null: it vouches no more.</summary>
    /// <exception cref="UnavailableException">It does not answer, or refuses Wombat rather than the user.</exception>
    Task<OidcSignInResult?> RefreshAsync(byte[] tokens, CancellationToken cancel);

    /// <summary>Verifies the provider's notice that a session or all of a subject's have ended there.</summary>
    /// <exception cref="UnauthenticatedException">It is not the provider's.</exception>
    Task<LogoutNotice> ReadLogoutAsync(string token, CancellationToken cancel);

    /// <summary>Where the browser ends its session at the provider too; null where that offers no such page. The refresh token is given back.</summary>
    Task<string?> EndAsync(byte[] tokens, CancellationToken cancel);
}

/// <param name="Url">With code flow, PKCE, state and nonce.</param>
/// <param name="State">What the return must carry.</param>
/// <param name="Nonce">What the ID token must carry.</param>
/// <param name="Verifier">PKCE's secret.</param>
public sealed record ProviderRequest(string Url, string State, string Nonce, string Verifier);

/// <summary>The provider's authorization response.</summary>
/// <param name="Error">Why there is no code.</param>
/// <param name="Issuer">The iss of RFC 9207; null where there is none.</param>
public sealed record ProviderReturn(string? Code, string? Error, string? Issuer);

/// <summary>Whom the provider vouches for.</summary>
/// <param name="Login">What it calls the user, or the user's address; a wish, never an identity.</param>
/// <param name="Groups">Null where it does not say: that is not the same as none.</param>
/// <param name="ProviderSession">Its name of the session.</param>
/// <param name="Tokens">Its tokens, encrypted, for later calls.</param>
/// <param name="RefreshAt">When to ask again; null where it cannot be asked.</param>
public sealed record OidcSignInResult(
    string Issuer,
    string Subject,
    string? Login,
    string? Email,
    string? FullName,
    IReadOnlyList<string>? Groups,
    string? ProviderSession,
    byte[]? Tokens,
    DateTimeOffset? RefreshAt
)
{
    /// <summary>Why something may be missing here that the provider knows; null where nothing is.</summary>
    public string? Incomplete { get; init; }
}

/// <param name="Subject">Whose; null where <paramref name="ProviderSession"/> says which.</param>
public sealed record LogoutNotice(string Issuer, string? Subject, string? ProviderSession);
