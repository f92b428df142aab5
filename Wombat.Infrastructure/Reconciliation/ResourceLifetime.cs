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

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Deletes resources that have expired, and purges deleted ones that can no longer be restored. Any replica may do it at any time.
/// </summary>
internal sealed class ResourceLifetime(IServiceScopeFactory scopes, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("expiry of resources", TimeSpan.FromSeconds(5)))
{
    private const int BatchSize = 100;

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        foreach (var id in await ReadDueAsync(cancel))
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
            try
            {
                await EndAsync(id, scope.ServiceProvider, cancel);
            }
            catch (ConflictException)
            {
                // Changed concurrently; the next pass reads it again.
            }
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

    private Task<int> EndAsync(Guid id, IServiceProvider services, CancellationToken cancel)
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
