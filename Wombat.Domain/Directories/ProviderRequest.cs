namespace Wombat.Domain.Directories;

/// <param name="Url">With code flow, PKCE, state and nonce.</param>
/// <param name="State">What the return must carry.</param>
/// <param name="Nonce">What the ID token must carry.</param>
/// <param name="Verifier">PKCE's secret.</param>
public sealed record ProviderRequest(string Url, string State, string Nonce, string Verifier);
