using Wombat.Domain.Members;

namespace Wombat.Domain.Access;

/// <summary>How a caller stands to a project.</summary>
/// <param name="IsVisible">Whether the caller may know that it exists.</param>
/// <param name="Role">The role in it, null for a stranger.</param>
public readonly record struct ProjectAccess(bool IsVisible, ProjectRole? Role)
{
    /// <summary>Of an admin, in every project that there may be.</summary>
    public static readonly ProjectAccess Full = new(IsVisible: true, ProjectRole.ProjectManager);
}
