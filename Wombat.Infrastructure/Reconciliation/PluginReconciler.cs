using Microsoft.Extensions.Logging;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Compares the resources of one plugin instance with what the plugin reports. Runs one pass at a time.</summary>
internal sealed class PluginReconciler(
    PluginInstance instance,
    ResourceObserver observer,
    HostIdentity here,
    TimeProvider clock,
    ILogger<PluginReconciler> log
)
{
    // What is watched may be told later than a job has changed it.
    private static readonly TimeSpan LongestDelayOfWatch = TimeSpan.FromSeconds(3);

    private readonly StatusBackoff backoff = new(instance.ReconcileInterval, clock);
    private bool isFailing;
    private DateTimeOffset? comparedAllAt;

    public PluginInstance Instance => instance;

    /// <summary>
    /// One pass over the resources that no job is working on: those that the plugin knows to have changed, or all of them when it does not
    /// know or when the interval is over.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var startedAt = clock.GetUtcNow();
        var watched = (instance.Plugin as IWatchesResources)?.TakeWatched();

        // Whatever a pass that fails has not compared is left to one over all.
        var before = comparedAllAt;
        comparedAllAt = null;
        if (watched is not null)
        {
            MarkListed();
        }

        if (watched is not null && startedAt - before < instance.ReconcileInterval)
        {
            await ReconcileChangedAsync(watched, startedAt, cancel);
            comparedAllAt = before;
        }
        else if (await TryReconcileAllAsync(watched?.Listing, startedAt, cancel))
        {
            comparedAllAt = startedAt;
        }
    }

    private async Task ReconcileChangedAsync(WatchedResources watched, DateTimeOffset startedAt, CancellationToken cancel)
    {
        List<Guid> changed = [.. watched.ChangedKeys.Select(Resource.IdOf).OfType<Guid>()];
        if (changed.Count > 0)
        {
            await ReconcileAsync(await observer.ReadIdleAsync(instance.Plugin, changed, cancel), watched.Listing, startedAt, cancel);
        }
    }

    private async Task<bool> TryReconcileAllAsync(ResourceListing? listing, DateTimeOffset startedAt, CancellationToken cancel)
    {
        var all = new HashSet<Guid>();
        var last = Guid.Empty;
        while (await observer.ReadIdleAsync(instance.Plugin, last, cancel) is { Count: > 0 } batch)
        {
            if (instance.Plugin is IListsResources lists && (listing ??= await TryListAsync(lists, cancel)) is null)
            {
                return false;
            }

            await ReconcileAsync(batch, listing, startedAt, cancel);
            all.UnionWith(batch.Select(r => r.Id));
            last = batch[^1].Id;
        }

        backoff.Keep(all);
        return true;
    }

    private async Task ReconcileAsync(List<Resource> batch, ResourceListing? listing, DateTimeOffset startedAt, CancellationToken cancel)
    {
        var unchanged = new List<(Resource, ResourceObservation)>();
        foreach (var resource in batch)
        {
            var seen = listing is null ? await TryGetStatusAsync(resource, cancel) : listing.Find(resource.Reference);
            if (seen is not null && instance.Plugin is IWatchesResources && MayLag(resource, seen, startedAt))
            {
                seen = await TryGetStatusAsync(resource, cancel);
            }

            if (seen is null)
            {
                continue;
            }

            // A resource without a host may be on any: it belongs to the host that finds it.
            var isFound = instance.Plugin.IsHostBound && resource.HostId is null;
            if (isFound && seen.State is (ObservedState.Missing or ObservedState.Unknown))
            {
                continue;
            }

            if (!isFound && ResourceObserver.Matches(resource, seen))
            {
                unchanged.Add((resource, seen));
            }
            else
            {
                await observer.SaveAsync(resource, seen, isFound ? here : null, startedAt, cancel);
            }
        }

        await observer.TouchAsync(unchanged, startedAt, cancel);
    }

    private static bool MayLag(Resource resource, ResourceObservation seen, DateTimeOffset startedAt) =>
        seen.State == ObservedState.Missing && resource.Status != ResourceStatus.Missing
        || startedAt - resource.UpdatedAt < LongestDelayOfWatch && !ResourceObserver.Matches(resource, seen);

    // When nothing can be listed, the last known states stay, with their age.
    private async Task<ResourceListing?> TryListAsync(IListsResources lists, CancellationToken cancel)
    {
        try
        {
            var listing = await lists.ListAsync(cancel);
            MarkListed();
            return listing;
        }
        catch (ExternalSystemException e)
        {
            if (!isFailing)
            {
                isFailing = true;
                log.LogWarning("The resources of plugin {Plugin} cannot be listed: {Error}", instance.Name, e.Message);
            }

            return null;
        }
    }

    private void MarkListed()
    {
        if (isFailing)
        {
            isFailing = false;
            log.LogInformation("The resources of plugin {Plugin} can be listed again", instance.Name);
        }
    }

    // The failure of one resource does not hide those after it.
    private async Task<ResourceObservation?> TryGetStatusAsync(Resource resource, CancellationToken cancel)
    {
        if (!backoff.IsDue(resource))
        {
            return null;
        }

        try
        {
            var seen = await instance.Plugin.StatusAsync(resource.Reference, cancel);
            if (seen.State == ObservedState.Broken)
            {
                backoff.Fail(resource);
            }
            else if (backoff.Succeed(resource))
            {
                log.LogInformation("Plugin {Plugin} reports the state of {Name} again", instance.Name, resource.ExternalName);
            }

            return seen;
        }
        catch (ExternalSystemException e)
        {
            if (backoff.Fail(resource))
            {
                log.LogWarning(
                    "Plugin {Plugin} cannot report the state of {Name}: {Error}",
                    instance.Name,
                    resource.ExternalName,
                    e.Message
                );
            }

            return null;
        }
    }
}
