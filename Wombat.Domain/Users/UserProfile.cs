namespace Wombat.Domain.Users;

/// <summary>What may be changed of a user.</summary>
public sealed record UserProfile(string? Email, string FullName, PlatformRole PlatformRole, bool Active)
{
    /// <summary>That of a user of whom only the login is given.</summary>
    public static readonly UserProfile Default = new(Email: null, "", PlatformRole.None, Active: true);
}
