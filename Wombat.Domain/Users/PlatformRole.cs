namespace Wombat.Domain.Users;

/// <summary>A platform role.</summary>
public enum PlatformRole
{
    None,

    /// <summary>Has every permission in every project.</summary>
    Admin,
}
