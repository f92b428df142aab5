using Wombat.Domain.Members;

namespace Wombat.Domain.Access;

/// <summary>A caller's access to a project.</summary>
/// <param name="IsVisible">Whether the caller may know that the project exists.</param>
/// <param name="Role">The caller's role; null if not a member.</param>
public readonly record struct ProjectAccess(bool IsVisible, ProjectRole? Role)
{
    /// <summary>The access of an admin to every project.</summary>
    public static readonly ProjectAccess Full = new(IsVisible: true, ProjectRole.ProjectManager);
}
