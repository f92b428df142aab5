namespace Wombat.Domain.Users;

/// <summary>The fields of a user that can be changed.</summary>
public sealed record UserProfile(string? Email, string FullName, PlatformRole PlatformRole, bool Active)
{
    /// <summary>The profile of a user of whom only the login is known.</summary>
    public static readonly UserProfile Default = new(Email: null, "", PlatformRole.None, Active: true);
}
