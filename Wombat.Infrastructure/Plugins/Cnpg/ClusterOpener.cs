using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Completes clusters whose objects were applied. Restored ones admit only Wombat until they have the present users.</summary>
internal sealed class ClusterOpener(ClusterStore clusters, ClusterObjects objects, ClusterReadiness readiness, RestoredUsers users)
{
    /// <summary>Waits until the cluster is ready, and opens a restored one to its users.</summary>
    public async Task<ClusterView> ReadyAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterId id,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var cluster = await readiness.WaitAsync(request, id, log, cancel);
        if (!cluster.IsClosed || cluster.ShouldHibernate)
        {
            return cluster;
        }

        await users.SettleAsync(cluster, log, cancel);
        await objects.ApplyAsync(request, log, cancel, opens: true);
        return await clusters.GetAsync(request.Resource with { ExternalId = id.ToString() }, cancel);
    }
}
