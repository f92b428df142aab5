using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>The caller's access to jobs, which is the access to the job's project. Jobs without a project are for admins.</summary>
internal sealed class JobAccessService(IWombatDbContext db, RequestContext context, ProjectAccessService projectAccess, JobKinds kinds)
{
    private Caller Caller => context.Caller!;

    /// <summary>
    /// Returns the access to the project of a job. The user who requested the deletion of a project can still read that job after the
    /// project is gone.
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

    /// <summary>Returns the kind of a job; null if there is no such job.</summary>
    public Task<string?> GetKindAsync(Guid job, CancellationToken cancel) =>
        db.Jobs.AsNoTracking().Where(j => j.Id == job).Select(j => j.Kind).SingleOrDefaultAsync(cancel);
}
