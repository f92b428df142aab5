using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Orphans;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Orphans;

/// <summary>Deletes an orphan, on the host that has it. The plugin deletes nothing that has another key.</summary>
internal sealed class RemoveOrphanJob(IWombatDbContext db, PluginRegistry plugins, AuditLog auditLog) : IJobHandler
{
    public static readonly TypedJobKind<OrphanRemoval> Kind = new(Orphan.RemoveJob, Permission.OrphanManage);

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var id = Kind.ArgumentsOf(run).Orphan;
        if (await db.Orphans.SingleOrDefaultAsync(o => o.Id == id, cancel) is not { } orphan)
        {
            await run.Log.WriteAsync("Nothing to do: it is no longer there, or was adopted.", cancel);
            return;
        }

        if (await db.Resources.AnyAsync(r => r.Id == orphan.ResourceId && r.Status != ResourceStatus.Deleted, cancel))
        {
            throw new JobFailedException(ErrorCode.Conflict, $"{orphan.Name} has an entry in Wombat again and was not deleted.");
        }

        await run.Log.WriteAsync($"Deleting {orphan.Name} ({orphan.ExternalId}), which has the key {orphan.ExternalKey}.", cancel);
        await plugins.Get(orphan.Plugin).DeprovisionAsync(orphan.Reference, new PluginLog(run.Log), cancel);
        db.Orphans.Remove(orphan);
        auditLog.Record(EventAction.OrphanRemoved, "orphan", orphan.Id, null, before: OrphanRecord.Of(orphan));
        await run.Log.WriteAsync($"Deleted {orphan.Name}.", cancel);
    }

    public async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        // A later removal took its place, or nothing is left to remove.
        var known =
            await db.Orphans.AsNoTracking().SingleOrDefaultAsync(o => o.RemovalId == job.Id, cancel)
            ?? throw new ConflictException(ErrorCode.ResourceGone, "The orphan of this job is gone, adopted, or removed by another job.");
        try
        {
            await db.EnsureNotRemovedAsync(await db.LockOrphanAsync(known.Id, cancel), cancel);
        }
        catch (NotFoundException e)
        {
            throw new ConflictException(ErrorCode.ResourceGone, e.Message);
        }
    }
}
