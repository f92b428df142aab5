using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Access;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Reads the resources that the reconciler compares, and records what it observed of them.</summary>
internal sealed class ResourceObserver(
    IServiceScopeFactory scopes,
    NpgsqlDataSource database,
    HostIdentity here,
    TimeProvider clock,
    ILogger<ResourceObserver> log
)
{
    private const int BatchSize = 500;

    /// <summary>The next resources of the plugin that no job is working on, by id.</summary>
    public Task<List<Resource>> ReadIdleAsync(IPlugin plugin, Guid after, CancellationToken cancel) =>
        ReadIdleAsync(plugin, r => r.Where(x => x.Id > after).OrderBy(x => x.Id).Take(BatchSize), cancel);

    /// <summary>Those of the resources that no job is working on.</summary>
    public Task<List<Resource>> ReadIdleAsync(IPlugin plugin, IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        ReadIdleAsync(plugin, r => r.Where(x => ids.Contains(x.Id)).OrderBy(x => x.Id), cancel);

    /// <summary>Records an observation that differs from the stored state, with its event.</summary>
    /// <param name="foundOn">The host that found the resource; null when its host is known or does not matter.</param>
    /// <param name="startedAt">The start of the pass: later changes are newer than the observation.</param>
    public async Task SaveAsync(
        Resource known,
        ResourceObservation seen,
        HostIdentity? foundOn,
        DateTimeOffset startedAt,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var resource = await Idle(db.Resources, db).SingleOrDefaultAsync(r => r.Id == known.Id, cancel);
        if (resource is null || resource.Version != known.Version || resource.UpdatedAt >= startedAt)
        {
            return;
        }

        var change = Apply(resource, seen, scope.ServiceProvider.GetRequiredService<ResourceEvents>());
        if (change == ObservationChange.None && foundOn is null)
        {
            return;
        }

        if (foundOn is not null)
        {
            resource.AssignHost(foundOn);
        }

        scope.ServiceProvider.GetRequiredService<InterruptedResources>().Continue(resource, known.Status, seen);

        try
        {
            await db.SaveChangesAsync(cancel);
            Log(known, resource);
        }
        catch (ConflictException)
        {
            // Changed concurrently; the next pass compares again.
        }
    }

    /// <summary>Whether the observation changes nothing but the times.</summary>
    public static bool Matches(Resource resource, ResourceObservation seen) => resource.Matches(seen, Reason(resource, seen));

    /// <summary>Records that these resources were observed unchanged, and up to when they can be restored.</summary>
    public async Task TouchAsync(
        IReadOnlyList<(Resource Resource, ResourceObservation Observation)> seen,
        DateTimeOffset at,
        CancellationToken cancel
    )
    {
        if (seen.Count == 0)
        {
            return;
        }

        Guid[] ids = [.. seen.Select(s => s.Resource.Id)];
        int[] versions = [.. seen.Select(s => s.Resource.Version)];
        DateTimeOffset?[] restorable = [.. seen.Select(s => s.Observation.LastRestorableAt)];
        await database.ExecuteAsync(
            $"""
            update resources r set observed_at = {at}, last_restorable_at = coalesce(seen.restorable, r.last_restorable_at)
            from unnest({ids}, {versions}, {restorable}) as seen(id, version, restorable)
            where r.id = seen.id and r.version = seen.version
            """,
            cancel
        );
    }

    private async Task<List<Resource>> ReadIdleAsync(
        IPlugin plugin,
        Func<IQueryable<Resource>, IQueryable<Resource>> choose,
        CancellationToken cancel
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var idle = Idle(db.Resources.AsNoTracking(), db)
            .Where(r => r.Plugin == plugin.Name && (!plugin.IsHostBound || r.HostId == null || r.HostId == here.Id));
        return await choose(idle).ToListAsync(cancel);
    }

    private static IQueryable<Resource> Idle(IQueryable<Resource> resources, IWombatDbContext db)
    {
        var jobs = db.Jobs.Unfinished();
        return resources.Where(r =>
            r.Status != ResourceStatus.Deleted
            && r.Status != ResourceStatus.Deleting
            && r.Status != ResourceStatus.Pending
            && r.Status != ResourceStatus.Provisioning
            && r.ExternalId != null
            && !jobs.Any(j => j.ResourceId == r.Id)
        );
    }

    private ObservationChange Apply(Resource resource, ResourceObservation seen, ResourceEvents events)
    {
        if (seen.State == ObservedState.Unknown)
        {
            if (!resource.MarkUnobserved(seen.Note, clock.GetUtcNow()))
            {
                return ObservationChange.None;
            }

            events.Record(resource, "unknown", "success");
            return ObservationChange.Status;
        }

        return events.Observe(resource, seen, Reason(resource, seen), clock.GetUtcNow());
    }

    private void Log(Resource before, Resource after)
    {
        if (before.Status != after.Status)
        {
            log.LogInformation(
                "{Name} ({Id}): status changed from {Before} to {After}: {Reason}",
                after.ExternalName,
                after.Id,
                before.Status,
                after.Status,
                after.StatusReason ?? "reported by the plugin"
            );
        }
        else if (!before.Endpoints.SequenceEqual(after.Endpoints))
        {
            var addresses = after.Endpoints.Count == 0 ? "none" : string.Join(", ", after.Endpoints.Select(e => e.Host));
            log.LogInformation("{Name} ({Id}): IP address changed to {Addresses}", after.ExternalName, after.Id, addresses);
        }
        else if (before.StatusReason != after.StatusReason)
        {
            log.LogInformation("{Name} ({Id}): {Reason}", after.ExternalName, after.Id, after.StatusReason);
        }
    }

    private static string? Reason(Resource before, ResourceObservation seen) =>
        seen.State switch
        {
            ObservedState.Stopped when seen.IsInterrupted && before.Status is not ResourceStatus.Stopped => "Its machine was restarted.",
            ObservedState.Running or ObservedState.Stopped when before.Status is ResourceStatus.Unknown => "Its host reports it again.",
            ObservedState.Stopped when before.Status is ResourceStatus.Stopped => seen.Note,
            ObservedState.Stopped => "Stopped outside Wombat.",
            ObservedState.Missing when seen.Differences is { Count: > 0 } => seen.Note,
            ObservedState.Missing =>
                $"The {before.Kind} no longer exists on the host. Delete this entry and create a new {before.Kind}. {seen.Note}".TrimEnd(),
            ObservedState.Broken => seen.Note ?? "It exists but cannot be used.",
            ObservedState.Running when before.Status is ResourceStatus.Stopped => "Started outside Wombat.",
            ObservedState.Running when before.Status is ResourceStatus.Missing => "It exists again.",
            _ => seen.Note,
        };
}
