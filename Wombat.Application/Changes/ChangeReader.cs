using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Application.Changes;

/// <summary>Reads for many changes at once the versions of their objects and the access to their projects.</summary>
public sealed class ChangeReader(IWombatDbContext db, ChangeMapper mapper, TimeProvider clock)
{
    /// <param name="users">The users whose roles are read.</param>
    public async Task<ChangeBatch> ReadAsync(IReadOnlyList<Change> changes, IReadOnlySet<Guid> users, CancellationToken cancel)
    {
        var readAt = clock.GetTimestamp();
        var ids = changes.Where(c => c.ProjectId is not null).Select(c => c.ProjectId!.Value).Distinct().ToArray();
        var projects =
            ids.Length == 0
                ? []
                : await db
                    .Projects.AsNoTracking()
                    .Where(p => ids.Contains(p.Id))
                    .Select(p => new ProjectRow(p.Id, p.Visibility, p.Version))
                    .ToListAsync(cancel);
        var members =
            projects.Count == 0 || users.Count == 0
                ? []
                : await db
                    .Members.AsNoTracking()
                    .Where(m => ids.Contains(m.ProjectId) && users.Contains(m.UserId))
                    .Select(m => new MemberRow(m.ProjectId, m.UserId, m.Role))
                    .ToListAsync(cancel);
        var roles = members.ToLookup(m => m.ProjectId);
        var audiences = projects.ToDictionary(
            p => p.Id,
            p => new ProjectAudience(p.Visibility, roles[p.Id].ToDictionary(m => m.UserId, m => m.Role))
        );
        var versions = projects.ToDictionary(p => (ChangeMapper.Project, p.Id), p => p.Version);
        await AddUsersAsync(changes, versions, cancel);
        await AddResourcesAsync(changes, versions, cancel);
        return new ChangeBatch([.. changes.Select(Versioned)], audiences, users, readAt);

        Change Versioned(Change change) =>
            change.Id is { } id && versions.TryGetValue((change.Type, id), out var version) ? change with { Version = version } : change;
    }

    private async Task AddUsersAsync(
        IReadOnlyList<Change> changes,
        Dictionary<(string Type, Guid Id), int> versions,
        CancellationToken cancel
    )
    {
        if (IdsOf(changes, type => type == ChangeMapper.User) is not { Length: > 0 } ids)
        {
            return;
        }

        var rows = await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id)).Select(u => new { u.Id, u.Version }).ToListAsync(cancel);
        rows.ForEach(r => versions[(ChangeMapper.User, r.Id)] = r.Version);
    }

    private async Task AddResourcesAsync(
        IReadOnlyList<Change> changes,
        Dictionary<(string Type, Guid Id), int> versions,
        CancellationToken cancel
    )
    {
        if (IdsOf(changes, mapper.ResourceTypes.Contains) is not { Length: > 0 } ids)
        {
            return;
        }

        var rows = await db
            .Resources.AsNoTracking()
            .Where(r => ids.Contains(r.Id))
            .Select(r => new
            {
                r.Kind,
                r.Id,
                r.Version,
            })
            .ToListAsync(cancel);
        rows.ForEach(r => versions[(r.Kind, r.Id)] = r.Version);
    }

    private static Guid[] IdsOf(IReadOnlyList<Change> changes, Func<string, bool> isOfType) =>
        [.. changes.Where(c => c.Id is not null && isOfType(c.Type)).Select(c => c.Id!.Value).Distinct()];

    private sealed record ProjectRow(Guid Id, Visibility Visibility, int Version);

    private sealed record MemberRow(Guid ProjectId, Guid UserId, ProjectRole Role);
}
