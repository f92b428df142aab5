using Wombat.Domain.Access;

namespace Wombat.Application.Changes;

/// <summary>Changes with the access to their projects, read together.</summary>
/// <param name="Audiences">By project; a project that does not exist is absent.</param>
/// <param name="Users">The users whose roles were read.</param>
/// <param name="ReadAt">The time stamp at which the access was read.</param>
public sealed record ChangeBatch(
    IReadOnlyList<Change> Changes,
    IReadOnlyDictionary<Guid, ProjectAudience> Audiences,
    IReadOnlySet<Guid> Users,
    long ReadAt
)
{
    public static readonly ChangeBatch Empty = new([], new Dictionary<Guid, ProjectAudience>(), new HashSet<Guid>(), 0);

    /// <summary>The changes that the caller may know of; of several changes of one object the last.</summary>
    /// <param name="position">The position of changes without an event.</param>
    internal IReadOnlyList<ChangeDto> For(Caller caller, long position) =>
        [
            .. Changes
                .Where(c => c.IsFor(caller, AccessOf(caller, c.ProjectId), IsGone(c.ProjectId)))
                .Select(c => new ChangeDto(c.Position ?? position, c.Type, c.Id, c.ProjectId, c.Version))
                .Reverse()
                .DistinctBy(c => (c.Type, c.Id, c.ProjectId))
                .Reverse()
                .OrderBy(c => c.Position),
        ];

    private bool IsGone(Guid? project) => project is { } id && !Audiences.ContainsKey(id);

    private ProjectAccess AccessOf(Caller caller, Guid? project)
    {
        if (caller.HasFullAccess)
        {
            return ProjectAccess.Full;
        }

        if (project is not { } id || Audiences.GetValueOrDefault(id) is not { } audience)
        {
            return default;
        }

        return caller.AccessTo(
            id,
            audience.Visibility,
            caller.UserId is { } user && audience.Roles.TryGetValue(user, out var role) ? role : null
        );
    }
}
