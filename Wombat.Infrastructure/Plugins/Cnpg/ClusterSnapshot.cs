using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The objects of all databases, by kind, namespace and name.</summary>
internal sealed class ClusterSnapshot(IReadOnlyDictionary<KubernetesKind, IReadOnlyDictionary<ClusterId, JsonObject>> objects)
{
    public IReadOnlyList<ClusterView> Clusters { get; } = [.. objects[KubernetesKind.Cluster].Values.Select(c => new ClusterView(c))];

    /// <param name="service">The name of the Service to which clients connect.</param>
    public ClusterParts PartsOf(ClusterView cluster, string service) =>
        new(
            Find(KubernetesKind.Pooler, cluster, cluster.Pooler),
            Find(KubernetesKind.ScheduledBackup, cluster, cluster.Schedule),
            Find(KubernetesKind.NetworkPolicy, cluster, CnpgNames.NetworkPolicy(cluster.Id.Name)),
            Find(KubernetesKind.Service, cluster, service)
        );

    private JsonObject? Find(KubernetesKind kind, ClusterView cluster, string? name) =>
        name is not null && objects.TryGetValue(kind, out var all) ? all.GetValueOrDefault(cluster.Id with { Name = name }) : null;
}
