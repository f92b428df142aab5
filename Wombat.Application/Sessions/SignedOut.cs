namespace Wombat.Application.Sessions;

/// <summary>The result of signing out.</summary>
/// <param name="ProviderLogoutUrl">The URL that ends the session at the OpenID provider, if any.</param>
public sealed record SignedOut(string? ProviderLogoutUrl);
