using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Begins the end of a resource: earlier jobs of it are cancelled, one that deprovisions is queued behind them.</summary>
public sealed class ResourceDeletion(IWombatDbContext db, Journal journal, RequestContext context, TimeProvider clock)
{
    private const int Attempts = 8;

    /// <summary>The caller saves, in a transaction.</summary>
    public async Task<Job> BeginAsync(Resource resource, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var by = (context.Caller ?? Domain.Users.Caller.System).Actor;
        var active = await db.Jobs.Where(j => j.ResourceId == resource.Id && (j.State == JobState.Queued || j.State == JobState.WaitingRetry || j.State == JobState.Running))
            .Select(j => j.Id).ToListAsync(cancel);
        foreach (var id in active)
        {
            var job = await db.LockJobAsync(id, cancel);
            if (!job.IsEnded)
            {
                job.Cancel(by.Name, now);
            }
        }

        // What its jobs saved or are just saving is waited for and read, so that the delete does not collide with it.
        await db.LockResourceAsync(resource, cancel);
        resource.BeginDelete(now);
        var deprovision = Job.Create(ResourceJobKinds.Deprovision, by, now, new JobTarget(resource.ProjectId, resource.Id), maxAttempts: Attempts);
        db.Jobs.Add(deprovision);
        ResourceEvents.RecordStatus(journal, resource, "success");
        return deprovision;
    }
}
