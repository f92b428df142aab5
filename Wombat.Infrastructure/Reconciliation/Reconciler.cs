using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Hosts;
using Wombat.Infrastructure.Notifications;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Keeps what Wombat says of its resources true: looks, says what changed outside, and touches nothing. One of all
/// replicas does it, but for the resources of host-bound plugins: their own host alone looks at them. Resources that a job
/// works on are the job's to tell.
/// </summary>
public sealed class Reconciler(
    LeaderElection leaderElection,
    PluginRegistry plugins,
    ContainerKeyReconciler keys,
    IServiceScopeFactory scopes,
    NpgsqlDataSource database,
    HostIdentity here,
    LostHosts lostHosts,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<Reconciler> log
) : BackgroundService
{
    private const long LockKey = 0x574f4d_0002;
    private const int BatchSize = 500;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            settings.Roles.HasFlag(Roles.Reconciler)
                ? leaderElection.RunAsync("the reconciler", LockKey, LeadAsync, stoppingToken)
                : Task.CompletedTask,
            settings.Roles.HasFlag(Roles.Worker) && plugins.All.Any(p => p.IsHostBound) ? LookHereAsync(stoppingToken) : Task.CompletedTask
        );

    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var (since, looked) = (clock.GetTimestamp(), clock.GetTimestamp());
        while (true)
        {
            // Proof that the lock is still held: a broken connection throws here.
            await using (var alive = new NpgsqlCommand("select 1", connection))
            {
                await alive.ExecuteScalarAsync(cancel);
            }

            // After a pause, of this process or of the database, the other hosts get their time to announce themselves.
            since = clock.GetElapsedTime(looked) > settings.ReconcileInterval + (settings.HostTimeout / 2) ? clock.GetTimestamp() : since;
            if (clock.GetElapsedTime(since) > settings.HostTimeout)
            {
                await lostHosts.MarkAsync(cancel);
            }

            await Task.WhenAll(plugins.All.Where(p => !p.IsHostBound).Select(p => LookAtAsync(p, cancel)));
            await keys.RunAsync(cancel);
            looked = clock.GetTimestamp();
            await Task.Delay(settings.ReconcileInterval, clock, cancel);
        }
    }

    private async Task LookHereAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll(plugins.All.Where(p => p.IsHostBound).Select(p => LookAtAsync(p, stop)));
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogWarning("The resources of this host cannot be compared: {Error}", e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(settings.ReconcileInterval, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAtAsync(IPlugin plugin, CancellationToken cancel)
    {
        var lookedAt = clock.GetUtcNow();
        var last = Guid.Empty;
        ResourceListing? listed = null;
        while (await IdleResourcesAsync(plugin, last, cancel) is { Count: > 0 } batch)
        {
            try
            {
                listed ??= plugin is IListsResources lists ? await lists.ListAsync(cancel) : null;
            }
            catch (PluginException e)
            {
                Unseen(plugin, "Its resources", e);
                return;
            }

            var unchanged = new List<Resource>();
            foreach (var resource in batch)
            {
                var seen = listed is null ? await AskAsync(plugin, resource, cancel) : listed.Find(resource.Reference);
                if (seen is null)
                {
                    continue;
                }

                // What no host is known to have may be on any: where it is seen, there it belongs.
                var isFound = plugin.IsHostBound && resource.HostId is null;
                if (isFound && seen.State is (ObservedState.Missing or ObservedState.Unknown))
                {
                    continue;
                }

                if (!isFound && IsAsKnown(resource, seen))
                {
                    unchanged.Add(resource);
                }
                else
                {
                    await SaveAsync(resource, seen, isFound, lookedAt, cancel);
                }
            }

            await TouchAsync(unchanged, lookedAt, cancel);
            last = batch[^1].Id;
        }
    }

    // One that cannot be looked at does not hide those behind it.
    private async Task<ResourceObservation?> AskAsync(IPlugin plugin, Resource resource, CancellationToken cancel)
    {
        try
        {
            return await plugin.StatusAsync(resource.Reference, cancel);
        }
        catch (PluginException e)
        {
            Unseen(plugin, resource.ExternalName, e);
            return null;
        }
    }

    // Not knowing is no drift: what was seen last stands, with its age.
    private void Unseen(IPlugin plugin, string what, PluginException e) =>
        log.LogWarning("{Plugin}: {What} cannot be looked at: {Error}", plugin.Name, what, e.Message);

    private async Task<List<Resource>> IdleResourcesAsync(IPlugin plugin, Guid after, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        return await Idle(db.Resources.AsNoTracking(), db)
            .Where(r => r.Plugin == plugin.Name && r.Id > after && (!plugin.IsHostBound || r.HostId == null || r.HostId == here.Id))
            .OrderBy(r => r.Id)
            .Take(BatchSize)
            .ToListAsync(cancel);
    }

    private static IQueryable<Resource> Idle(IQueryable<Resource> resources, IWombatDbContext db) =>
        resources.Where(r =>
            r.Status != ResourceStatus.Deleted
            && r.Status != ResourceStatus.Deleting
            && r.Status != ResourceStatus.Pending
            && r.Status != ResourceStatus.Provisioning
            && r.ExternalId != null
            && !db.Jobs.Any(j =>
                j.ResourceId == r.Id && (j.State == JobState.Queued || j.State == JobState.Running || j.State == JobState.WaitingRetry)
            )
        );

    private async Task SaveAsync(Resource known, ResourceObservation seen, bool isFound, DateTimeOffset lookedAt, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var resource = await Idle(db.Resources, db).SingleOrDefaultAsync(r => r.Id == known.Id, cancel);

        // What a job changed after the look is newer than the look.
        if (resource is null || resource.Version != known.Version || resource.UpdatedAt >= lookedAt)
        {
            return;
        }

        var isChanged = Apply(resource, seen, known.Status, scope.ServiceProvider.GetRequiredService<AuditLog>());
        if (!isChanged && !isFound)
        {
            return;
        }

        if (isFound)
        {
            resource.PlaceOn(here);
        }

        try
        {
            await db.SaveChangesAsync(cancel);
            log.LogInformation(
                "{Name} ({Id}) was {Before} and is {After}: {Reason}",
                resource.ExternalName,
                resource.Id,
                known.Status,
                resource.Status,
                resource.StatusReason ?? "as the plugin lists it"
            );
        }
        catch (ConflictException)
        {
            // Someone asked for something at this moment; the next look sees what came of it.
        }
    }

    private bool Apply(Resource resource, ResourceObservation seen, ResourceStatus before, AuditLog auditLog)
    {
        var isUnknown = seen.State == ObservedState.Unknown;
        var changed = isUnknown
            ? resource.MarkUnobserved(seen.Note, clock.GetUtcNow())
            : resource.Observe(seen, Reason(before, seen), clock.GetUtcNow());
        if (changed && isUnknown)
        {
            ResourceEvents.Record(auditLog, resource, "unknown", "success");
        }
        else if (changed)
        {
            ResourceEvents.RecordStatus(auditLog, resource, "success");
        }

        return changed;
    }

    private async Task TouchAsync(List<Resource> seen, DateTimeOffset at, CancellationToken cancel)
    {
        if (seen.Count == 0)
        {
            return;
        }

        await using var command = database.CreateCommand(
            "update resources r set observed_at = $3 from unnest($1, $2) as seen(id, version) where r.id = seen.id and r.version = seen.version"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. seen.Select(r => r.Id)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. seen.Select(r => r.Version)] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static bool IsAsKnown(Resource known, ResourceObservation seen) =>
        !known.IsUnobserved && seen.State == Expected(known.Status) && (seen.IpAddress is null || seen.IpAddress == known.IpAddress);

    private static ObservedState? Expected(ResourceStatus status) =>
        status switch
        {
            ResourceStatus.Running => ObservedState.Running,
            ResourceStatus.Stopped => ObservedState.Stopped,
            ResourceStatus.Missing => ObservedState.Missing,
            _ => null,
        };

    private static string? Reason(ResourceStatus before, ResourceObservation seen) =>
        seen.State switch
        {
            ObservedState.Running or ObservedState.Stopped when before is ResourceStatus.Unknown => "It can be seen again.",
            ObservedState.Stopped when before is ResourceStatus.Stopped => seen.Note,
            ObservedState.Stopped => "It was stopped outside Wombat.",
            ObservedState.Missing => $"It was removed outside Wombat. Delete it here, or make it again. {seen.Note}".TrimEnd(),
            ObservedState.Broken => seen.Note ?? "It is there but of no use.",
            ObservedState.Running when before is ResourceStatus.Stopped => "It was started outside Wombat.",
            ObservedState.Running when before is ResourceStatus.Missing => "It is there again.",
            _ => seen.Note,
        };
}
