namespace Wombat.Domain.Directories;

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
