namespace Wombat.Domain.Users;

/// <summary>What may be changed of a user.</summary>
public sealed record UserProfile(string? Email, string FullName, PlatformRole PlatformRole, bool Active);
