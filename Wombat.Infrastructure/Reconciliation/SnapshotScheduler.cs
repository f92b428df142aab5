using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Requests the snapshots that containers schedule. Those that were missed while no Wombat ran are made up for by one.</summary>
internal sealed class SnapshotScheduler(IServiceScopeFactory scopes, SystemOperations operations, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("scheduling of snapshots", TimeSpan.FromSeconds(10)))
{
    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        foreach (var (id, schedule) in await ReadAsync(cancel))
        {
            if (NeedsWork(schedule))
            {
                await operations.RequestAsync(
                    id,
                    ContainerKind.SnapshotOperation,
                    (_, container, _, _) => Task.FromResult<object?>(Prepare(container)),
                    cancel
                );
            }
        }
    }

    private async Task<List<(Guid Id, SnapshotSchedule Schedule)>> ReadAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var found = await db
            .Containers.AsNoTracking()
            .Where(c => ContainerKind.Existing.Contains(c.Status) && JsonColumn.Text(c.Spec, ContainerSpec.SnapshotScheduleField) != null)
            .Select(c => new { c.Id, c.Spec })
            .ToListAsync(cancel);
        return [.. found.Where(c => c.Spec.SnapshotSchedule is not null).Select(c => (c.Id, c.Spec.SnapshotSchedule!))];
    }

    // A schedule that is seen for the first time begins now.
    private bool NeedsWork(SnapshotSchedule schedule) =>
        schedule.LastAt is not { } last || Schedules.IsDue(schedule.Cron, last, clock.GetUtcNow());

    // Another replica may have been faster.
    private CreateSnapshot? Prepare(Container container)
    {
        var now = clock.GetUtcNow();
        if (container.Spec.SnapshotSchedule is not { } schedule || !NeedsWork(schedule))
        {
            return null;
        }

        container.SnapshotScheduled(now);
        return schedule.LastAt is null
            ? null
            : new CreateSnapshot(
                now.UtcDateTime.ToString("'scheduled-'yyyyMMdd-HHmmss", CultureInfo.InvariantCulture),
                now.AddDays(schedule.KeepDays),
                Uuid7.At(now)
            );
    }
}
