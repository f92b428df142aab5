using Wombat.Domain.Access;
using Wombat.Domain.Projects;

namespace Wombat.Application.Changes;

/// <summary>A change of one object, with what decides who learns of it.</summary>
/// <param name="Position">The position of its event; null for a change without an event.</param>
/// <param name="Permission">What it takes to read the object.</param>
/// <param name="Account">The user whose object it is, for a permission in an account.</param>
public sealed record Change(long? Position, string Type, Guid? Id, Guid? ProjectId, Permission Permission, Guid? Account = null)
{
    public int? Version { get; init; }

    /// <summary>Users who learn of it although they may no longer read the object, because the change took it from them.</summary>
    public IReadOnlyList<Guid> LostBy { get; init; } = [];

    /// <summary>The visibility of the project before the change: those who could see it then learn of the change.</summary>
    public Visibility? VisibilityBefore { get; init; }

    /// <param name="access">The caller's access to the project of the object.</param>
    /// <param name="isProjectGone">Whether that project was deleted.</param>
    internal bool IsFor(Caller caller, ProjectAccess access, bool isProjectGone)
    {
        if (PermissionMatrix.Decide(caller, Permission, access, Account) == Decision.Allowed)
        {
            return true;
        }

        var isInReach =
            caller.OnlyPermission is null && (caller.RestrictedToProjectId is null || caller.RestrictedToProjectId == ProjectId);
        // A job is told to who requested it only when its project is gone: until then it takes a role.
        return isInReach && caller.UserId is { } user && LostBy.Contains(user) && (isProjectGone || Type != ChangeMapper.Job)
            || VisibilityBefore is { } before && ProjectId is { } project && caller.AccessTo(project, before, member: null).IsVisible;
    }
}
