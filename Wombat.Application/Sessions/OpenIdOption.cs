namespace Wombat.Application.Sessions;

/// <summary>The sign-in at the OpenID provider.</summary>
/// <param name="Enabled">Whether a provider is configured.</param>
/// <param name="Name">Its name for people; null if none is configured.</param>
public sealed record OpenIdOption(bool Enabled, string? Name);
