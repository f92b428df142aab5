using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;

namespace Wombat.Application.Access;

/// <summary>The caller's access to projects, cached for half a second. Admins need no query.</summary>
public sealed class ProjectAccessService(IWombatDbContext db, RequestContext context, AccessCache cache)
{
    private static readonly Func<DbContext, Guid, Guid, Task<Row?>> QueryAccess = EF.CompileAsyncQuery(
        (DbContext context, Guid project, Guid user) =>
            context
                .Set<Project>()
                .Where(p => p.Id == project)
                .Select(p => new Row(
                    p.Id,
                    p.Visibility,
                    context
                        .Set<Member>()
                        .Where(m => m.ProjectId == project && m.UserId == user)
                        .Select(m => (ProjectRole?)m.Role)
                        .FirstOrDefault()
                ))
                .FirstOrDefault()
    );

    private Caller Caller => context.Caller!;

    // The access of a user is the same with every credential; a service account is its token.
    private Guid Key => Caller.ActorId ?? Guid.Empty;

    /// <summary>Whether the caller has access to every project.</summary>
    public bool HasFullAccess => Caller.HasFullAccess;

    public ValueTask<ProjectAccess> GetAsync(Guid project) =>
        TryGetCached(project, out var known) ? ValueTask.FromResult(known) : LookUpAsync(project);

    /// <summary>For the rows of a page: one query for those that are not cached.</summary>
    public async ValueTask<IReadOnlyDictionary<Guid, ProjectAccess>> GetManyAsync(IEnumerable<Guid> projects, CancellationToken cancel)
    {
        var (projectAccess, unknown, read) = (new Dictionary<Guid, ProjectAccess>(), new List<Guid>(), cache.ProjectAccess.Begin());
        var user = Caller.UserId ?? Guid.Empty;
        foreach (var project in projects)
        {
            if (TryGetCached(project, out var known))
            {
                projectAccess[project] = known;
            }
            else if (projectAccess.TryAdd(project, default))
            {
                unknown.Add(project);
            }
        }

        if (unknown.Count > 0)
        {
            var rows = await db
                .Projects.Where(p => unknown.Contains(p.Id))
                .Select(p => new Row(
                    p.Id,
                    p.Visibility,
                    db.Members.Where(m => m.ProjectId == p.Id && m.UserId == user).Select(m => (ProjectRole?)m.Role).FirstOrDefault()
                ))
                .ToListAsync(cancel);
            foreach (var row in rows)
            {
                projectAccess[row.Id] = Store(row.Id, row, read);
            }
        }

        return projectAccess;
    }

    /// <summary>The projects in which the caller has the permission; null for all projects.</summary>
    public IQueryable<Guid>? AccessibleProjectIds(Permission permission)
    {
        if (HasFullAccess)
        {
            return null;
        }

        var rule = PermissionMatrix.Of(permission);
        var readable = rule is { Audience: Audience.Viewer, Scope: TokenScope.Read };
        var projects = db.Projects.AsNoTracking();
        if (Caller.RestrictedToProjectId is { } only)
        {
            projects = projects.Where(p => p.Id == only);
        }

        if (Caller.IsAdmin || Caller.IsServiceAccount)
        {
            return
                PermissionMatrix.Decide(Caller, permission, Caller.AccessTo(Caller.RestrictedToProjectId!.Value, Visibility.Private, null))
                == Decision.Allowed
                ? projects.Select(p => p.Id)
                : projects.Where(p => false).Select(p => p.Id);
        }

        var user = Caller.UserId ?? Guid.Empty;
        var roles = Enum.GetValues<ProjectRole>()
            .Where(r => PermissionMatrix.Decide(Caller, permission, new ProjectAccess(IsVisible: true, r)) == Decision.Allowed)
            .ToArray();
        var open =
            !readable ? []
            : Caller.UserId is null ? (Visibility[])[Visibility.Public]
            : [Visibility.Internal, Visibility.Public];
        return projects
            .Where(p =>
                open.Contains(p.Visibility) || db.Members.Any(m => m.UserId == user && m.ProjectId == p.Id && roles.Contains(m.Role))
            )
            .Select(p => p.Id);
    }

    /// <summary>The rows of a project or, without one, those of all projects in which the caller has the permission.</summary>
    /// <typeparam name="T">Has the property ProjectId. Rows without a project are for those with full access.</typeparam>
    /// <param name="project">The caller's access to it was checked.</param>
    public IQueryable<T> Accessible<T>(IQueryable<T> rows, Guid? project, Permission permission)
        where T : class
    {
        if (project is not null)
        {
            return rows.Where(r => EF.Property<Guid?>(r, "ProjectId") == project);
        }

        return AccessibleProjectIds(permission) is { } visible
            ? rows.Where(r => EF.Property<Guid?>(r, "ProjectId") != null && visible.Contains(EF.Property<Guid?>(r, "ProjectId")!.Value))
            : rows;
    }

    private async ValueTask<ProjectAccess> LookUpAsync(Guid project)
    {
        var read = cache.ProjectAccess.Begin();
        return Store(project, await QueryAccess(db.Context, project, Caller.UserId ?? Guid.Empty), read);
    }

    private ProjectAccess Store(Guid project, Row? row, (int, long) read)
    {
        var access = Caller.AccessTo(project, row?.Visibility, row?.Role);
        if (row is not null)
        {
            cache.ProjectAccess.Store((Key, project), access, read);
        }

        return access;
    }

    private bool TryGetCached(Guid project, out ProjectAccess access)
    {
        access = HasFullAccess ? ProjectAccess.Full : default;
        return HasFullAccess
            || Caller.RestrictedToProjectId is { } only && only != project
            || cache.ProjectAccess.TryGet((Key, project), out access);
    }

    private sealed record Row(Guid Id, Visibility Visibility, ProjectRole? Role);
}
