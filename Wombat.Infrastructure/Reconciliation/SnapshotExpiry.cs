using Microsoft.EntityFrameworkCore;
using Wombat.Application.Containers;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Enqueues the deletion of snapshots that have expired. Each host asks its own plugins, since only they know the snapshots.
/// </summary>
internal sealed class SnapshotExpiry(SystemOperations operations, PluginRegistry plugins, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("expiry of snapshots", TimeSpan.FromSeconds(20)) { WaitsFirst = true })
{
    // After a deletion that failed.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        foreach (var plugin in plugins.All.Where(p => p is ISnapshotsResources))
        {
            try
            {
                foreach (var expired in await ((ISnapshotsResources)plugin).ListExpiredSnapshotsAsync(clock.GetUtcNow(), cancel))
                {
                    if (Resource.IdOf(expired.ExternalKey) is { } id)
                    {
                        await RequestAsync(id, plugin.Name, expired.Name, cancel);
                    }
                }
            }
            catch (ExternalSystemException)
            {
                // The health of the plugin says why it does not answer.
            }
        }
    }

    private Task RequestAsync(Guid id, string plugin, string snapshot, CancellationToken cancel)
    {
        var failedAfter = clock.GetUtcNow() - Pause;
        return operations.RequestAsync(
            id,
            ContainerKind.DeleteSnapshotOperation,
            async (db, container, job, token) =>
                container.Plugin != plugin
                || await db.Jobs.AnyAsync(
                    j => j.ResourceId == id && j.Kind == job.Name && j.State == JobState.Failed && j.CreatedAt > failedAfter,
                    token
                )
                    ? null
                    : new DeleteSnapshot(snapshot),
            cancel
        );
    }
}
