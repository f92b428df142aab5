namespace Wombat.Domain.Projects;

/// <summary>Who may read a project.</summary>
public enum Visibility
{
    /// <summary>Members only.</summary>
    Private,

    /// <summary>Every signed-in user.</summary>
    Internal,

    /// <summary>Anyone, where the platform allows reading without signing in.</summary>
    Public,
}
