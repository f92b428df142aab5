using System.Text.Json.Nodes;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Keeps the observation of each cluster until one of its objects changes: comparing them with what was applied is slow.</summary>
internal sealed class ObservationCache
{
    private volatile Dictionary<ClusterId, Entry> known = [];

    /// <summary>The observations of these clusters. Those of all others are forgotten.</summary>
    /// <param name="observe">Depends on the objects alone.</param>
    public IReadOnlyList<ListedResource> Observe(
        IReadOnlyCollection<(ClusterView Cluster, ClusterParts Parts)> clusters,
        Func<ClusterView, ClusterParts, ListedResource> observe
    )
    {
        var (before, now) = (known, new Dictionary<ClusterId, Entry>(clusters.Count));
        foreach (var (cluster, parts) in clusters)
        {
            // The watch replaces an object that changes, so a known one is the same object.
            var id = cluster.Id;
            now[id] =
                before.TryGetValue(id, out var entry) && ReferenceEquals(entry.Cluster, cluster.Json) && entry.Parts == parts
                    ? entry
                    : new Entry(cluster.Json, parts, observe(cluster, parts));
        }

        known = now;
        return [.. now.Values.Select(e => e.Observation)];
    }

    private sealed record Entry(JsonObject Cluster, ClusterParts Parts, ListedResource Observation);
}
