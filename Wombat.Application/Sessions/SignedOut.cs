namespace Wombat.Application.Sessions;

/// <summary>The result of signing out.</summary>
/// <param name="ProviderLogoutUrl">The address that ends the session at the OpenID provider; null where there is none.</param>
public sealed record SignedOut(string? ProviderLogoutUrl);
