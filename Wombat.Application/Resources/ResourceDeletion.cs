using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Starts the deletion of resources: their unfinished jobs are cancelled, and a job that deprovisions is enqueued.</summary>
public sealed class ResourceDeletion(
    IWombatDbContext db,
    AuditLog auditLog,
    ResourceKinds kinds,
    ResourceEvents events,
    JobScheduler scheduler,
    RequestContext context,
    TimeProvider clock
)
{
    /// <summary>
    /// Locks the resources with their jobs until the transaction ends and reads them again, so that the delete does not
    /// conflict with a concurrent change. Every caller locks all jobs before the first resource, both in the order of their ids.
    /// </summary>
    /// <returns>The unfinished jobs by resource.</returns>
    public async Task<ILookup<Guid?, Job>> LockAsync(IReadOnlyCollection<Resource> resources, CancellationToken cancel)
    {
        var jobs = await db.LockActiveJobsAsync([.. resources.Select(r => r.Id)], cancel);
        foreach (var resource in resources.OrderBy(r => r.Id))
        {
            await db.LockResourceAsync(resource, cancel);
        }

        return jobs.ToLookup(j => j.ResourceId);
    }

    /// <summary>Starts the deletion of all that are not being deleted yet; the caller saves, in a transaction.</summary>
    public async Task BeginAllAsync(IReadOnlyCollection<Resource> resources, CancellationToken cancel)
    {
        var jobs = await LockAsync(resources, cancel);
        foreach (var resource in resources.Where(r => r.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)))
        {
            Begin(resource, jobs[resource.Id]);
        }
    }

    /// <summary>Enqueues the deletion of what the plugin kept of a deleted resource; the caller saves.</summary>
    public Job Purge(Resource resource) => scheduler.Enqueue(kinds.Of(resource).PurgeJob, new JobTarget(resource.ProjectId, resource.Id));

    /// <summary>Starts the deletion of a locked resource; the caller saves.</summary>
    /// <param name="expires">Whether it has expired, which a protection from deletion does not prevent.</param>
    /// <exception cref="ConflictException">It is deleted, being deleted or protected.</exception>
    public Job Begin(Resource resource, IEnumerable<Job> active, bool expires = false)
    {
        var now = clock.GetUtcNow();
        var by = (context.Caller ?? Domain.Access.Caller.System).Actor;
        if (expires)
        {
            resource.ResumeDelete(now);
        }
        else
        {
            resource.BeginDelete(now);
        }

        foreach (var job in active)
        {
            if (job.Cancel(by.Name, now))
            {
                JobEvents.RecordEnd(auditLog, job);
            }
        }

        var deprovision = scheduler.Enqueue(kinds.Of(resource).DeprovisionJob, new JobTarget(resource.ProjectId, resource.Id));
        events.RecordStatus(resource, "success");
        return deprovision;
    }
}
