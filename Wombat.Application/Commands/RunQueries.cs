using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>The runs that match a filter, among those that the caller may see.</summary>
internal sealed class RunQueries(IWombatDbContext db, ProjectAccessService projectAccess, RequestContext context)
{
    public IQueryable<RunWithJob> Of(RunFilter filter, Permission permission) => Joined(Runs(filter, permission), Jobs(filter));

    /// <param name="sort">As in <see cref="CreatedAtPaging.ByCreatedAt"/>.</param>
    /// <param name="cursor">The position after the previous page; null for the first one.</param>
    public IQueryable<RunWithJob> Page(RunFilter filter, Permission permission, string sort, Cursor? cursor) =>
        // Without the second condition PostgreSQL reads all jobs of the earlier pages.
        Joined(Runs(filter, permission).ByCreatedAt(sort, cursor), Jobs(filter).Beyond(sort, cursor));

    private IQueryable<Run> Runs(RunFilter filter, Permission permission)
    {
        var runs = projectAccess.Accessible(db.Runs.AsNoTracking(), filter.ProjectId, permission);
        runs = filter.CommandId is { } command ? runs.Where(r => r.CommandId == command) : runs;
        runs = filter.ScheduleId is { } schedule ? runs.Where(r => r.ScheduleId == schedule) : runs;
        runs = filter.ExitCode is { } code ? runs.Where(r => r.ExitCode == code) : runs;
        runs = filter.AwaitsApproval ? runs.Where(r => r.AwaitsApproval) : runs;
        runs = filter switch
        {
            { ParentId: { } parent } => runs.Where(r => r.ParentId == parent),
            { Host: null, IncludesParts: false } => runs.Where(r => r.ParentId == null),
            _ => runs,
        };
        return filter.Host is { } host ? runs.Where(r => r.HostName == host) : runs;
    }

    private IQueryable<Job> Jobs(RunFilter filter)
    {
        var jobs = db.Jobs.AsNoTracking();
        jobs = filter.Statuses is { } states ? jobs.Where(j => states.Contains(j.State)) : jobs;
        jobs = filter.RequestedBy is { } by ? jobs.Where(j => j.RequestedBy == by) : jobs;
        jobs = filter.Since is { } since ? jobs.Where(j => j.CreatedAt >= since) : jobs;
        jobs = filter.Until is { } until ? jobs.Where(j => j.CreatedAt < until) : jobs;
        var caller = context.Caller!.UserId;
        return filter.AwaitsApproval ? jobs.Where(j => caller != null && j.RequestedById != caller && j.State == JobState.Queued) : jobs;
    }

    private static IQueryable<RunWithJob> Joined(IQueryable<Run> runs, IQueryable<Job> jobs) =>
        runs.Join(jobs, r => r.Id, j => j.Id, (r, j) => new RunWithJob { Run = r, Job = j });
}
