namespace Wombat.Application.Sessions;

/// <summary>Where a sign-in comes from.</summary>
/// <param name="Device">The secret of the browser's device cookie; null where there is none.</param>
public sealed record SignInOrigin(string? Address, string? Device);
