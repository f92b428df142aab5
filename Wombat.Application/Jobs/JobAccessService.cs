using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>The caller's access to jobs: that to the job's project. A job of no project is for admins.</summary>
internal sealed class JobAccessService(IWombatDbContext db, RequestContext context, ProjectAccessService projectAccess, JobKinds kinds)
{
    private Caller Caller => context.Caller!;

    /// <summary>
    /// The access to the project of a job. Whoever requested the deletion of a project can read that job, and so how it ended, when
    /// the project no longer exists.
    /// </summary>
    public async Task<ProjectAccess> GetAsync(Guid job, CancellationToken cancel)
    {
        if (projectAccess.HasFullAccess)
        {
            return ProjectAccess.Full;
        }

        var found = await db
            .Jobs.AsNoTracking()
            .Where(j => j.Id == job)
            .Select(j => new
            {
                j.ProjectId,
                j.Kind,
                j.RequestedById,
            })
            .SingleOrDefaultAsync(cancel);
        if (found?.ProjectId is not { } project)
        {
            return default;
        }

        var access = await projectAccess.GetAsync(project);
        return
            !access.IsVisible
            && kinds.OutlivesProject(found.Kind)
            && found.RequestedById is { } by
            && by == Caller.UserId
            && (Caller.RestrictedToProjectId is null || Caller.RestrictedToProjectId == project)
            && !await db.Projects.AnyAsync(p => p.Id == project, cancel)
            ? new ProjectAccess(IsVisible: true, Role: null)
            : access;
    }

    /// <summary>The kind of a job; null when there is no such job.</summary>
    public Task<string?> GetKindAsync(Guid job, CancellationToken cancel) =>
        db.Jobs.AsNoTracking().Where(j => j.Id == job).Select(j => j.Kind).SingleOrDefaultAsync(cancel);
}
