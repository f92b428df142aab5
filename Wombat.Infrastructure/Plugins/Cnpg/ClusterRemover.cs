using System.Text.Json.Nodes;
using k8s;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Deletes the objects of a database, which it finds by their key.</summary>
internal sealed class ClusterRemover(KubernetesApi api, CnpgOptions options, TimeProvider time)
{
    /// <summary>Deletes everything with the key and waits until the cluster is gone.</summary>
    public async Task DeleteAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        var selector = CnpgManifests.Selector(resource.ExternalKey);
        var policies = await IdsAsync(KubernetesKind.NetworkPolicy, resource, cancel);
        foreach (var id in policies)
        {
            // The operator's own backups have no key.
            await DeleteAllAsync(
                KubernetesKind.Backup,
                await api.ListAsync(KubernetesKind.Backup, id.Namespace, $"{CnpgNames.ClusterLabel}={id.Name}", cancel),
                log,
                cancel
            );
        }

        await DeleteServersAsync(resource, log, cancel);
        await DeleteAllAsync(KubernetesKind.Backup, resource, log, cancel);
        foreach (var id in policies)
        {
            await api.CallAsync(
                (c, token) =>
                    c.CoreV1.DeleteCollectionNamespacedSecretAsync(id.Namespace, labelSelector: selector, cancellationToken: token),
                cancel
            );
        }

        // It is deleted last, since it leads to what else is left.
        await DeleteAllAsync(KubernetesKind.NetworkPolicy, resource, log, cancel);
    }

    /// <summary>Deletes the cluster, its pooler and its schedule, and waits until the cluster is gone.</summary>
    public async Task DeleteServersAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        await DeletePartsAsync(resource, log, cancel);
        await DeleteAllAsync(KubernetesKind.Cluster, resource, log, cancel);
        var start = time.GetTimestamp();
        while (await IdsAsync(KubernetesKind.Cluster, resource, cancel) is [var left, ..])
        {
            await WaitAsync(left, start, cancel);
        }
    }

    /// <summary>Deletes exactly this cluster, and waits until it is gone. The objects beside it stay.</summary>
    public async Task DeleteClusterAsync(ClusterView cluster, IPluginLog log, CancellationToken cancel)
    {
        var id = cluster.Id;
        await log.WriteAsync($"Deleting the Cluster {id}.", cancel);
        await api.DeleteAsync(KubernetesKind.Cluster, id.Namespace, id.Name, cancel, cluster.Uid);
        var start = time.GetTimestamp();
        while (
            await api.FindAsync(KubernetesKind.Cluster, id.Namespace, id.Name, cancel) is { } left
            && new ClusterView(left).Uid == cluster.Uid
        )
        {
            await WaitAsync(id, start, cancel);
        }
    }

    /// <summary>Deletes the pooler and the schedule of backups.</summary>
    public async Task DeletePartsAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        await DeleteAllAsync(KubernetesKind.ScheduledBackup, resource, log, cancel);
        await DeleteAllAsync(KubernetesKind.Pooler, resource, log, cancel);
    }

    private Task WaitAsync(ClusterId left, long since, CancellationToken cancel) =>
        time.GetElapsedTime(since) > ClusterObjects.ChangeTimeout
            ? throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Cluster {left} is still being deleted.")
            : Task.Delay(options.PollInterval, time, cancel);

    private async Task<IReadOnlyList<ClusterId>> IdsAsync(KubernetesKind kind, ResourceRef resource, CancellationToken cancel) =>
        [.. (await OwnAsync(kind, resource, cancel)).Select(o => new ClusterView(o).Id)];

    private async Task DeleteAllAsync(KubernetesKind kind, ResourceRef resource, IPluginLog log, CancellationToken cancel) =>
        await DeleteAllAsync(kind, await OwnAsync(kind, resource, cancel), log, cancel);

    private async Task DeleteAllAsync(KubernetesKind kind, IReadOnlyList<JsonObject> all, IPluginLog log, CancellationToken cancel)
    {
        foreach (var id in all.Select(o => new ClusterView(o).Id))
        {
            await log.WriteAsync($"Deleting the {kind.Kind} {id}.", cancel);
            await api.DeleteAsync(kind, id.Namespace, id.Name, cancel);
        }
    }

    // Once the id is known, id and key must agree.
    private async Task<IReadOnlyList<JsonObject>> OwnAsync(KubernetesKind kind, ResourceRef resource, CancellationToken cancel)
    {
        var all = await api.ListAsync(kind, options.FixedNamespace, CnpgManifests.Selector(resource.ExternalKey), cancel);
        return resource.ExternalId is { } id
            ? [.. all.Where(o => ClusterId.TryParse(id) is { } cluster && new ClusterView(o).Id.IsPartOf(cluster))]
            : all;
    }
}
