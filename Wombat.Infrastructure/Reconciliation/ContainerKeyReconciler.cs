using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wombat.Application.Access;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Compares the SSH keys that running containers should have with the installed ones, and enqueues key updates for differences:
/// jobs fail, and tokens and memberships expire without a job.
/// </summary>
public sealed class ContainerKeyReconciler(
    IServiceScopeFactory scopes,
    PluginRegistry plugins,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<ContainerKeyReconciler> log
)
{
    private const int BatchSize = 500;

    // In units of the reconcile interval.
    private const int BetweenChecks = 5;
    private const int AfterAFailure = 20;

    /// <summary>The wait between two checks.</summary>
    public TimeSpan Interval => settings.ReconcileInterval * BetweenChecks;

    /// <summary>Checks all containers.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var last = Guid.Empty;
        try
        {
            while (await CheckAsync(last, cancel) is { } reached)
            {
                last = reached;
            }
        }
        catch (Exception e) when (e is ExternalSystemException or ConflictException)
        {
            log.LogWarning("The SSH keys of containers could not be compared: {Error}", e.Message);
        }
    }

    // Returns the last id of the batch, or null when there is none.
    private async Task<Guid?> CheckAsync(Guid after, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var keys = scope.ServiceProvider.GetRequiredService<ProjectSshKeys>();
        var failedSince = clock.GetUtcNow() - (settings.ReconcileInterval * AfterAFailure);

        // Without plugins that are no longer configured, which would end the whole check.
        var able = plugins.All.Where(p => p is ISetsKeys).Select(p => p.Name).ToList();
        var batch = await Settled(db, failedSince)
            .Where(c => c.Id > after && able.Contains(c.Plugin))
            .OrderBy(c => c.Id)
            .Take(BatchSize)
            .ToListAsync(cancel);
        if (batch.Count == 0)
        {
            return null;
        }

        var wanted = await keys.DigestsAsync(batch, cancel);
        var different = batch
            .Where(c => wanted.TryGetValue(c.Id, out var digest) && digest != c.InstalledKeys)
            .Select(c => (c.ProjectId, c.Id))
            .ToList();
        if (different.Count > 0)
        {
            await db.InTransactionAsync(
                async transaction =>
                {
                    await keys.EnqueueUpdateAsync(different, transaction);
                    return await db.SaveChangesAsync(transaction);
                },
                cancel
            );
            log.LogInformation("Enqueued key updates for {Count} containers whose SSH keys differ", different.Count);
        }

        return batch[^1].Id;
    }

    // Without an unfinished job and without a recently failed key update.
    private static IQueryable<Container> Settled(IWombatDbContext db, DateTimeOffset failedSince)
    {
        var unfinished = db.Jobs.Unfinished();
        var failed = db.Jobs.Where(j => j.State == JobState.Failed && j.Kind == ProjectSshKeys.UpdateJob && j.FinishedAt > failedSince);
        return db
            .Containers.AsNoTracking()
            .Where(c =>
                c.Status == ResourceStatus.Running && !unfinished.Any(j => j.ResourceId == c.Id) && !failed.Any(j => j.ResourceId == c.Id)
            );
    }
}
