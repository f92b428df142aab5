using Cronos;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Databases;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Databases;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Enqueues the backups that the tiers of databases schedule, the first one as soon as a database is ready. Several replicas may do it:
/// the row of the database is locked, and one job at a time waits.
/// </summary>
internal sealed class BackupScheduler(
    IServiceScopeFactory scopes,
    ResourceKinds kinds,
    PluginRegistry plugins,
    TimeProvider clock,
    BackgroundLoop loop
) : PeriodicService(loop, new LoopOptions("scheduling of backups", TimeSpan.FromSeconds(5)))
{
    private const int BatchSize = 500;
    private static readonly ResourceStatus[] Usable = [ResourceStatus.Ready, ResourceStatus.Degraded];

    private readonly JobKind backupJob = kinds.All.Single(k => k.Name == Database.KindName).Operation(DatabaseKind.BackupOperation).Job;

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        var providers = plugins.All.OfType<IDatabaseProvider>().Where(p => !p.SchedulesBackups).Select(p => p.Name).ToList();
        for (var last = Guid.Empty; providers.Count > 0; )
        {
            var batch = await ReadAsync(providers, last, cancel);
            foreach (var due in batch.Where(IsDue))
            {
                await EnqueueAsync(due.Id, cancel);
            }

            if (batch.Count < BatchSize)
            {
                return;
            }

            last = batch[^1].Id;
        }
    }

    private async Task<List<Candidate>> ReadAsync(List<string> providers, Guid after, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var kind = backupJob.Name;
        return await db
            .Databases.AsNoTracking()
            .Where(d => d.Id > after && Usable.Contains(d.Status) && providers.Contains(d.Plugin))
            .OrderBy(d => d.Id)
            .Take(BatchSize)
            .Select(d => new Candidate(
                d.Id,
                d.Spec,
                db.Jobs.Where(j => j.ResourceId == d.Id && j.Kind == kind).Max(j => (DateTimeOffset?)j.CreatedAt)
            ))
            .ToListAsync(cancel);
    }

    private bool IsDue(Candidate database) =>
        database.Spec.Settings.BackupSchedule is { } schedule
        && CronExpression.TryParse(schedule, out var cron)
        && (
            database.LastAt is not { } last || cron.GetNextOccurrence(last.UtcDateTime) is { } next && next <= clock.GetUtcNow().UtcDateTime
        );

    private async Task EnqueueAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var jobs = scope.ServiceProvider.GetRequiredService<JobScheduler>();
        await db.InTransactionAsync(
            async token =>
            {
                var database = await db.Databases.SingleAsync(d => d.Id == id, token);
                var active = await db.LockActiveJobsAsync([id], token);
                await db.LockResourceAsync(database, token);
                if (Usable.Contains(database.Status) && !active.Any(j => j.Kind == backupJob.Name))
                {
                    jobs.Enqueue(backupJob, new BackUpDatabase(), new JobTarget(database.ProjectId, id));
                }

                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }

    private sealed record Candidate(Guid Id, DatabaseSpec Spec, DateTimeOffset? LastAt);
}
