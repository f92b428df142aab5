using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Databases;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Enqueues the backups and restore drills that the tiers of databases schedule, the first backup as soon as a database is ready, and
/// records which databases lack a backup. Several replicas may do it: the row of the database is locked, and one job at a time waits.
/// </summary>
internal sealed class DatabaseScheduler(
    IServiceScopeFactory scopes,
    ResourceKinds kinds,
    PluginRegistry plugins,
    TimeProvider clock,
    BackgroundLoop loop
) : PeriodicService(loop, new LoopOptions("scheduling of backups", TimeSpan.FromSeconds(5)))
{
    private const int BatchSize = 500;
    private static readonly ResourceStatus[] Usable = [ResourceStatus.Ready, ResourceStatus.Degraded];

    private readonly JobKind backupJob = JobOf(kinds, DatabaseKind.BackupOperation);
    private readonly JobKind drillJob = JobOf(kinds, DatabaseKind.DrillOperation);

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        var providers = plugins.All.OfType<IDatabaseProvider>().ToDictionary(p => p.Name, StringComparer.Ordinal);
        for (var last = Guid.Empty; providers.Count > 0; )
        {
            var batch = await ReadAsync(last, cancel);
            foreach (var database in batch.Where(d => providers.ContainsKey(d.Plugin)))
            {
                await ScheduleAsync(database, providers[database.Plugin].SchedulesBackups, cancel);
            }

            if (batch.Count < BatchSize)
            {
                return;
            }

            last = batch[^1].Id;
        }
    }

    private static JobKind JobOf(ResourceKinds kinds, string operation) =>
        kinds.All.Single(k => k.Name == Database.KindName).Operation(operation).Job;

    private async Task<List<Candidate>> ReadAsync(Guid after, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var (backup, drill) = (backupJob.Name, drillJob.Name);
        return await db
            .Databases.AsNoTracking()
            .Where(d => d.Id > after && Usable.Contains(d.Status))
            .OrderBy(d => d.Id)
            .Take(BatchSize)
            .Select(d => new Candidate(
                d.Id,
                d.Plugin,
                d.Spec,
                d.CreatedAt,
                d.LastRestorableAt,
                d.BackupOverdueSince,
                db.Jobs.Where(j => j.ResourceId == d.Id && j.Kind == backup).Max(j => (DateTimeOffset?)j.CreatedAt),
                db.Jobs.Where(j => j.ResourceId == d.Id && j.Kind == drill).Max(j => (DateTimeOffset?)j.CreatedAt)
            ))
            .ToListAsync(cancel);
    }

    private async Task ScheduleAsync(Candidate database, bool providerBacksUp, CancellationToken cancel)
    {
        var tier = database.Spec.Settings;
        if (!providerBacksUp && tier.BackupSchedule is { } backups && (database.BackedUpAt is not { } last || IsDue(backups, last)))
        {
            await EnqueueAsync(database.Id, backupJob, new BackUpDatabase(), cancel);
        }

        // Before the first backup there is nothing to restore.
        if (
            tier.DrillSchedule is { } drills
            && database.LastRestorableAt is not null
            && IsDue(drills, database.DrilledAt ?? database.CreatedAt)
        )
        {
            await EnqueueAsync(database.Id, drillJob, new DrillDatabase(), cancel);
        }

        if (OverdueSince(tier, database.LastRestorableAt ?? database.CreatedAt) != database.BackupOverdueSince)
        {
            await MarkOverdueAsync(database.Id, cancel);
        }
    }

    private bool IsDue(string schedule, DateTimeOffset last) => Schedules.IsDue(schedule, last, clock.GetUtcNow());

    private DateTimeOffset? OverdueSince(TierSpec tier, DateTimeOffset restorable) =>
        tier.BackupSchedule is { } schedule ? BackupHealth.OverdueSince(schedule, restorable, clock.GetUtcNow()) : null;

    private Task EnqueueAsync(Guid id, JobKind job, object arguments, CancellationToken cancel) =>
        ChangeAsync(
            id,
            (services, database, active) =>
            {
                if (Usable.Contains(database.Status) && !active.Any(j => j.Kind == job.Name))
                {
                    var target = new JobTarget(database.ProjectId, id);
                    services.GetRequiredService<JobScheduler>().Enqueue(job, arguments, target);
                }
            },
            cancel
        );

    private Task MarkOverdueAsync(Guid id, CancellationToken cancel) =>
        ChangeAsync(
            id,
            (services, database, _) =>
            {
                var since = OverdueSince(database.Spec.Settings, database.LastRestorableAt ?? database.CreatedAt);
                if (since == database.BackupOverdueSince)
                {
                    return;
                }

                database.MarkBackupOverdue(since, clock.GetUtcNow());
                services
                    .GetRequiredService<AuditLog>()
                    .Record(
                        since is null ? EventAction.DatabaseBackupResumed : EventAction.DatabaseBackupOverdue,
                        database.Kind,
                        database.Id,
                        database.ProjectId,
                        after: new BackupSnapshot(database.Name, database.LastRestorableAt, since),
                        outcome: since is null ? "success" : "failure"
                    );
            },
            cancel
        );

    private async Task ChangeAsync(Guid id, Action<IServiceProvider, Database, IReadOnlyCollection<Job>> change, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        await db.InTransactionAsync(
            async token =>
            {
                var database = await db.Databases.SingleAsync(d => d.Id == id, token);
                var active = await db.LockActiveJobsAsync([id], token);
                await db.LockResourceAsync(database, token);
                change(scope.ServiceProvider, database, active);
                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }

    private sealed record Candidate(
        Guid Id,
        string Plugin,
        DatabaseSpec Spec,
        DateTimeOffset CreatedAt,
        DateTimeOffset? LastRestorableAt,
        DateTimeOffset? BackupOverdueSince,
        DateTimeOffset? BackedUpAt,
        DateTimeOffset? DrilledAt
    );
}
