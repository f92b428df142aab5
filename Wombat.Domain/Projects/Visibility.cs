namespace Wombat.Domain.Projects;

/// <summary>Who can read a project: its members (private), every signed-in user (internal), or everybody (public; without signing in only if the platform allows it).</summary>
public enum Visibility
{
    /// <summary>Members only.</summary>
    Private,

    /// <summary>Every signed-in user.</summary>
    Internal,

    /// <summary>Everybody; without signing in only if the platform allows it.</summary>
    Public,
}
