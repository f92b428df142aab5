namespace Wombat.Domain.Projects;

/// <summary>Who can read a project: its members, every signed-in user (internal), or anyone (public) where the platform allows reading without signing in.</summary>
public enum Visibility
{
    /// <summary>Members only.</summary>
    Private,

    /// <summary>Every signed-in user.</summary>
    Internal,

    /// <summary>Anyone, where the platform allows reading without signing in.</summary>
    Public,
}
