namespace Wombat.Domain.Users;

/// <summary>A role on the whole platform.</summary>
public enum PlatformRole
{
    None,

    /// <summary>Holds every permission everywhere.</summary>
    Admin,
}
