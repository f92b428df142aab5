using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Orphans;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>
/// Records the containers of one plugin instance that no row manages. A listing that fails changes nothing, and one search at a time runs
/// for each instance and host.
/// </summary>
internal sealed class OrphanFinder(
    PluginInstance instance,
    IServiceScopeFactory scopes,
    HostIdentity here,
    TimeProvider clock,
    ILogger<OrphanFinder> log
)
{
    // In units of the interval at which the resources of the instance are compared.
    private const int BetweenSearches = 5;

    private readonly HostIdentity? host = instance.Plugin.IsHostBound ? here : null;
    private readonly IListsContainers? lists = instance.Plugin as IListsContainers;

    public PluginInstance Instance => instance;

    /// <summary>Whether the plugin can tell its containers.</summary>
    public bool CanSearch => lists is not null;

    public TimeSpan Interval => instance.ReconcileInterval * BetweenSearches;

    public async Task RunAsync(CancellationToken cancel)
    {
        var listedAt = clock.GetUtcNow();
        IReadOnlyList<ListedContainer> listed;
        try
        {
            listed = await lists!.ListContainersAsync(cancel);
        }
        catch (ExternalSystemException)
        {
            // What was found stays. The health of the plugin says why it does not answer.
            return;
        }

        foreach (var orphan in await SaveAsync(listed, listedAt, cancel))
        {
            log.LogWarning(
                "Plugin {Plugin} has {Name} ({ExternalId}), which Wombat made and has no entry of: GET /api/v1/orphans lists it",
                instance.Name,
                orphan.Name,
                orphan.ExternalId
            );
        }
    }

    // Returns those that this listing has confirmed.
    private async Task<List<Orphan>> SaveAsync(IReadOnlyList<ListedContainer> listed, DateTimeOffset listedAt, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        return await db.InTransactionAsync(
            async token =>
            {
                // Before the rows are read: an adoption that is under way ends first.
                var known = (await db.LockOrphansAsync(instance.Name, host?.Id, token)).ToList();
                var marked = Marked(listed);
                var resources = marked.Keys.Select(k => k.Resource).Concat(known.Select(o => o.ResourceId)).ToList();
                var (lost, busy) = await WithoutRowAsync(db, resources, token);
                var confirmed = new List<Orphan>();
                foreach (var (key, container) in marked.Where(m => lost.Contains(m.Key.Resource) && !busy.Contains(m.Key.Resource)))
                {
                    if (known.Find(o => (o.ResourceId, o.ExternalId) == key) is not { } orphan)
                    {
                        db.Orphans.Add(Orphan.Create(instance.Name, host, key.Resource, container, listedAt));
                    }
                    else if (orphan.SeeAgain(container, listedAt))
                    {
                        confirmed.Add(orphan);
                    }
                }

                var unreadable = listed
                    .Where(c => c.Resource.ExternalKey is null)
                    .Select(c => c.Resource.Observation.ExternalId)
                    .ToHashSet(StringComparer.Ordinal);
                db.Orphans.RemoveRange(
                    known.Where(o =>
                        !busy.Contains(o.ResourceId)
                        && !unreadable.Contains(o.ExternalId)
                        && !(marked.ContainsKey((o.ResourceId, o.ExternalId)) && lost.Contains(o.ResourceId))
                    )
                );
                await db.SaveChangesAsync(token);
                return confirmed;
            },
            cancel
        );
    }

    private static Dictionary<(Guid Resource, string ExternalId), ListedContainer> Marked(IReadOnlyList<ListedContainer> listed)
    {
        var marked = new Dictionary<(Guid, string), ListedContainer>();
        foreach (var container in listed)
        {
            if (
                container.Resource is { ExternalKey: { } key, Observation.ExternalId: { } id }
                && container.Resource.Observation.State != ObservedState.Missing
                && Resource.IdOf(key) is { } resource
            )
            {
                marked[(resource, id)] = container;
            }
        }

        return marked;
    }

    /// <summary>
    /// Those of the resources that no row manages, and those that a job works on, which are left to it. Read after the listing: a container
    /// that is being created has its row before it exists.
    /// </summary>
    private async Task<(HashSet<Guid> Lost, HashSet<Guid> Busy)> WithoutRowAsync(
        IWombatDbContext db,
        List<Guid> resources,
        CancellationToken cancel
    )
    {
        var busy = await db
            .Jobs.Unfinished()
            .Where(j => j.ResourceId != null && resources.Contains(j.ResourceId.Value))
            .Select(j => j.ResourceId!.Value)
            .ToListAsync(cancel);
        var rows = await db.Resources.AsNoTracking().Where(r => resources.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancel);
        return ([.. resources.Where(r => rows.TryGetValue(r, out var row) ? IsGoneFrom(row) : lists!.IsExclusive)], [.. busy]);
    }

    // A deleted one proves that the key is of this Wombat, wherever it was.
    private bool IsGoneFrom(Resource row) =>
        row is { Status: ResourceStatus.Deleted, RestorableUntil: null }
        && row.Plugin == instance.Name
        && (host is null || row.HostId is null || row.HostId == host.Id);
}
