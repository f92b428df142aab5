using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Enqueues the deletion of snapshots that have expired. Each host asks its own plugins, since only they know the snapshots; several
/// replicas may do it, because one job at a time waits for a container.
/// </summary>
internal sealed class SnapshotExpiry(
    IServiceScopeFactory scopes,
    ResourceKinds kinds,
    PluginRegistry plugins,
    TimeProvider clock,
    BackgroundLoop loop
) : PeriodicService(loop, new LoopOptions("expiry of snapshots", TimeSpan.FromSeconds(20)) { WaitsFirst = true })
{
    // After a deletion that failed.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly JobKind job = kinds.All.Single(k => k.Name == Container.KindName).Operation(ContainerKind.DeleteSnapshotOperation).Job;

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
                        await EnqueueAsync(id, plugin.Name, expired.Name, cancel);
                    }
                }
            }
            catch (ExternalSystemException)
            {
                // The health of the plugin says why it does not answer.
            }
        }
    }

    private async Task EnqueueAsync(Guid id, string plugin, string snapshot, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var failedAfter = clock.GetUtcNow() - Pause;
        await db.InTransactionAsync(
            async token =>
            {
                var container = await db.Containers.SingleOrDefaultAsync(c => c.Id == id && c.Plugin == plugin, token);
                if (
                    container is null
                    || (await db.LockActiveJobsAsync([id], token)).Any(j => j.Kind == job.Name)
                    || await db.Jobs.AnyAsync(
                        j => j.ResourceId == id && j.Kind == job.Name && j.State == JobState.Failed && j.CreatedAt > failedAfter,
                        token
                    )
                )
                {
                    return 0;
                }

                await db.LockResourceAsync(container, token);
                if (!ContainerKind.Existing.Contains(container.Status))
                {
                    return 0;
                }

                var arguments = new DeleteSnapshot(snapshot);
                scope.ServiceProvider.GetRequiredService<JobScheduler>().Enqueue(job, arguments, new JobTarget(container.ProjectId, id));
                scope
                    .ServiceProvider.GetRequiredService<AuditLog>()
                    .Record(
                        EventAction.OfOperation(container.Kind, ContainerKind.DeleteSnapshotOperation),
                        container.Kind,
                        id,
                        container.ProjectId,
                        after: arguments
                    );
                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }
}
