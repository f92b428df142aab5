namespace Wombat.Domain.Directories;

/// <summary>The result of a sign-in at the provider.</summary>
/// <param name="Login">The login or e-mail address at the provider. A suggestion for a new user's login, not an identifier.</param>
/// <param name="Groups">The user's groups; null if unknown, which differs from no groups.</param>
/// <param name="ProviderSession">The session id at the provider.</param>
/// <param name="Tokens">The encrypted tokens for later calls.</param>
/// <param name="RefreshAt">When to refresh the session; null if it cannot be refreshed.</param>
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
    /// <summary>Why the data is incomplete; null if it is complete.</summary>
    public string? Incomplete { get; init; }
}
