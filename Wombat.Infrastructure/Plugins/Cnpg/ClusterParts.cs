using System.Text.Json.Nodes;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>The objects beside a Cluster; each is null when it does not exist.</summary>
/// <param name="Service">The Service to which clients connect; null also when its address is known without it.</param>
internal sealed record ClusterParts(JsonObject? Pooler, JsonObject? Schedule, JsonObject? NetworkPolicy, JsonObject? Service)
{
    public PoolerView? PoolerView => Pooler is null ? null : new PoolerView(Pooler);

    /// <summary>What somebody has changed since Wombat applied the objects.</summary>
    public IReadOnlyList<ResourceDifference> DifferencesOf(ClusterView cluster)
    {
        // In the trash there is less on purpose.
        if (cluster.IsInTrash || cluster.IsBeingDeleted || !cluster.IsApplied)
        {
            return [];
        }

        var all = AppliedSpec
            .Compare(KubernetesKind.Cluster, cluster.Id.Name, cluster.Json)
            .Concat(AppliedSpec.Compare(KubernetesKind.NetworkPolicy, CnpgNames.NetworkPolicy(cluster.Id.Name), NetworkPolicy));
        if (cluster.Pooler is { } pooler)
        {
            all = all.Concat(AppliedSpec.Compare(KubernetesKind.Pooler, pooler, Pooler));
        }

        if (cluster.Schedule is { } schedule)
        {
            all = all.Concat(AppliedSpec.Compare(KubernetesKind.ScheduledBackup, schedule, Schedule));
        }

        return [.. all];
    }
}
