using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Warns of resources that expire soon, deletes those that have expired, and purges deleted ones that can no longer be restored. Any
/// replica may do it at any time.
/// </summary>
internal sealed class ResourceLifetime(IServiceScopeFactory scopes, WombatSettings settings, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("expiry of resources", TimeSpan.FromSeconds(5)))
{
    private const int BatchSize = 100;

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        await ForEachAsync(await ReadExpiringAsync(cancel), WarnAsync, cancel);
        await ForEachAsync(await ReadDueAsync(cancel), EndAsync, cancel);
    }

    private async Task ForEachAsync(
        List<Guid> resources,
        Func<Guid, IServiceProvider, CancellationToken, Task> work,
        CancellationToken cancel
    )
    {
        foreach (var id in resources)
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
            try
            {
                await work(id, scope.ServiceProvider, cancel);
            }
            catch (ConflictException)
            {
                // Changed concurrently; the next pass reads it again.
            }
        }
    }

    // A short life is warned of in its last tenth.
    private async Task<List<Guid>> ReadExpiringAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var (now, before) = (clock.GetUtcNow(), settings.ExpiryWarning);
        return await db
            .Resources.FromSql(
                $"""
                select * from resources
                where expires_at > {now} and status <> 'deleted' and status <> 'deleting' and expiry_warned_at is null
                    and expires_at - least({before}, (expires_at - created_at) / 10) <= {now}
                """
            )
            .OrderBy(r => r.ExpiresAt)
            .Select(r => r.Id)
            .Take(BatchSize)
            .ToListAsync(cancel);
    }

    private async Task WarnAsync(Guid id, IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<IWombatDbContext>();
        var resource = await db.Resources.SingleAsync(r => r.Id == id, cancel);
        if (resource is { ExpiresAt: { } expiresAt, ExpiryWarnedAt: null })
        {
            resource.MarkExpiryWarned(clock.GetUtcNow());
            services.GetRequiredService<ResourceEvents>().RecordExpiring(resource, expiresAt);
            await db.SaveChangesAsync(cancel);
        }
    }

    private async Task<List<Guid>> ReadDueAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var now = clock.GetUtcNow();
        return await db
            .Resources.Where(r =>
                r.Status == ResourceStatus.Deleted && r.RestorableUntil < now
                || r.Status != ResourceStatus.Deleted
                    && r.Status != ResourceStatus.Deleting
                    && r.ExpiresAt < now
                    && r.Status != ResourceStatus.Unknown
                    && r.DeleteFailedAt == null
            )
            .Where(r => !db.Jobs.Unfinished().Any(j => j.ResourceId == r.Id))
            .OrderBy(r => r.Id)
            .Select(r => r.Id)
            .Take(BatchSize)
            .ToListAsync(cancel);
    }

    private Task EndAsync(Guid id, IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<IWombatDbContext>();
        var deletion = services.GetRequiredService<ResourceDeletion>();
        return db.InTransactionAsync(
            async token =>
            {
                var resource = await db.Resources.SingleAsync(r => r.Id == id, token);
                var jobs = await deletion.LockAsync([resource], token);
                if (resource.Status == ResourceStatus.Deleted && resource.RestorableUntil < clock.GetUtcNow() && !jobs[id].Any())
                {
                    deletion.Purge(resource);
                }
                else if (
                    resource.ExpiresAt < clock.GetUtcNow()
                    && resource.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)
                )
                {
                    deletion.Begin(resource, jobs[id], expires: true);
                }

                return await db.SaveChangesAsync(token);
            },
            cancel
        );
    }
}
