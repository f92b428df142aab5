namespace Wombat.Application.Sessions;

/// <summary>The origin of a sign-in.</summary>
/// <param name="Device">The secret from the browser's device cookie, if any.</param>
public sealed record SignInOrigin(string? Address, string? Device);
