using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Begins the end of a resource: earlier jobs of it are cancelled, one that deprovisions is queued behind them.</summary>
public sealed class ResourceDeletion(
    IWombatDbContext db,
    AuditLog auditLog,
    JobScheduler scheduler,
    RequestContext context,
    TimeProvider clock
)
{
    /// <summary>
    /// Locks the resources with their jobs until the transaction ends and reads them again, so that the delete does not
    /// collide with what is just being saved. All jobs before the first resource, both by id: whoever locks some of them locks them so, too.
    /// </summary>
    /// <returns>The jobs that have not ended, by resource.</returns>
    public async Task<ILookup<Guid?, Job>> LockAsync(IReadOnlyCollection<Resource> resources, CancellationToken cancel)
    {
        var jobs = await db.LockActiveJobsAsync([.. resources.Select(r => r.Id)], cancel);
        foreach (var resource in resources.OrderBy(r => r.Id))
        {
            await db.LockResourceAsync(resource, cancel);
        }

        return jobs.ToLookup(j => j.ResourceId);
    }

    /// <summary>Begins the end of all of them where it has not begun; the caller saves, in a transaction.</summary>
    public async Task BeginAllAsync(IReadOnlyCollection<Resource> resources, CancellationToken cancel)
    {
        var jobs = await LockAsync(resources, cancel);
        foreach (var resource in resources.Where(r => r.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)))
        {
            Begin(resource, jobs[resource.Id]);
        }
    }

    /// <summary>Begins the end of a resource that is locked; the caller saves.</summary>
    /// <exception cref="ConflictException">It has begun before.</exception>
    public Job Begin(Resource resource, IEnumerable<Job> active)
    {
        var now = clock.GetUtcNow();
        var by = (context.Caller ?? Domain.Access.Caller.System).Actor;
        resource.BeginDelete(now);
        foreach (var job in active)
        {
            if (job.Cancel(by.Name, now))
            {
                JobEvents.RecordEnd(auditLog, job);
            }
        }

        var deprovision = scheduler.Enqueue(ResourceJobKinds.Deprovision, new JobTarget(resource.ProjectId, resource.Id));
        ResourceEvents.RecordStatus(auditLog, resource, "success");
        return deprovision;
    }
}
