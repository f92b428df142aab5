namespace Wombat.Domain.Directories;

/// <param name="Url">The authorization URL.</param>
/// <param name="State">The state that the response must contain.</param>
/// <param name="Nonce">The nonce that the ID token must contain.</param>
/// <param name="Verifier">The code verifier of PKCE.</param>
public sealed record ProviderRequest(string Url, string State, string Nonce, string Verifier);
