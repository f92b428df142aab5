using System.Text.Json.Nodes;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Finds clusters by their keys, waits for them and observes them.</summary>
internal sealed class ClusterStore(KubernetesApi api, CnpgOptions options, TimeProvider time)
{
    private readonly ObservationCache observations = new();

    /// <summary>The cluster with the key; null when there is none.</summary>
    /// <exception cref="ExternalSystemException">Conflict: several clusters have the key and the id is not known.</exception>
    public async Task<ClusterView?> FindAsync(ResourceRef resource, CancellationToken cancel)
    {
        if (resource.ExternalId is { } id)
        {
            return ClusterId.TryParse(id) is { } known && await FindAsync(known, cancel) is { } found && found.Key == resource.ExternalKey
                ? found
                : null;
        }

        var all = await api.ListAsync(KubernetesKind.Cluster, options.FixedNamespace, CnpgManifests.Selector(resource.ExternalKey), cancel);
        return all.Count switch
        {
            0 => null,
            1 => new ClusterView(all[0]),
            _ => throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"{string.Join(", ", all.Select(c => new ClusterView(c).Id))} all have the key of {resource.ExternalName}."
            ),
        };
    }

    public async Task<ClusterView?> FindAsync(ClusterId id, CancellationToken cancel) =>
        await api.FindAsync(KubernetesKind.Cluster, id.Namespace, id.Name, cancel) is { } json ? new ClusterView(json) : null;

    public async Task<bool> ExistsAsync(KubernetesKind kind, ClusterId id, CancellationToken cancel) =>
        await api.FindAsync(kind, id.Namespace, id.Name, cancel) is not null;

    /// <exception cref="ExternalSystemException">Not found: there is no cluster with the key.</exception>
    public async Task<ClusterView> GetAsync(ResourceRef resource, CancellationToken cancel) =>
        await FindAsync(resource, cancel)
        ?? throw new ExternalSystemException(ExternalFailure.NotFound, $"There is no Cluster of {resource.ExternalName}.");

    public Task<ClusterView> WaitAsync(
        ClusterId id,
        TimeSpan atMost,
        string what,
        Func<ClusterView, bool> condition,
        IPluginLog log,
        CancellationToken cancel
    ) => WaitAsync(id, atMost, what, cluster => Task.FromResult(condition(cluster)), log, cancel);

    /// <summary>Waits until a condition holds, and writes each phase to the log.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <exception cref="ExternalSystemException">The cluster has failed, is gone, or did not become so in time.</exception>
    public async Task<ClusterView> WaitAsync(
        ClusterId id,
        TimeSpan atMost,
        string what,
        Func<ClusterView, Task<bool>> condition,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var start = time.GetTimestamp();
        string? told = null;
        while (true)
        {
            var cluster =
                await FindAsync(id, cancel)
                ?? throw new ExternalSystemException(ExternalFailure.NotFound, $"The Cluster {id} was deleted by someone else.");
            if (cluster.HasFailed)
            {
                throw new ExternalSystemException(
                    cluster.IsInvalid ? ExternalFailure.Invalid : ExternalFailure.Unknown,
                    $"The Cluster {id} has failed. {cluster.PhaseText}"
                );
            }

            if (told != cluster.PhaseText)
            {
                told = cluster.PhaseText;
                await log.WriteAsync($"{id.Name}: {told}", cancel);
            }

            if (await condition(cluster))
            {
                return cluster;
            }

            if (time.GetElapsedTime(start) >= atMost)
            {
                throw new ExternalSystemException(
                    ExternalFailure.Unavailable,
                    $"The Cluster {id} is not {what} after {atMost.TotalSeconds:F0} s. {cluster.PhaseText}"
                );
            }

            await Task.Delay(options.PollInterval, time, cancel);
        }
    }

    public async Task<ResourceObservation> ObserveAsync(ClusterView cluster, CancellationToken cancel)
    {
        var parts = new ClusterParts(
            await PartOfAsync(KubernetesKind.Pooler, cluster, cluster.Pooler, cancel),
            await PartOfAsync(KubernetesKind.ScheduledBackup, cluster, cluster.Schedule, cancel),
            await PartOfAsync(KubernetesKind.NetworkPolicy, cluster, CnpgNames.NetworkPolicy(cluster.Id.Name), cancel),
            await ServiceAsync(cluster, cancel)
        );
        return ClusterObserver.Observe(cluster, parts, EndpointsOf(cluster, parts.Service));
    }

    public async Task<PoolerView?> PoolerOfAsync(ClusterView cluster, CancellationToken cancel) =>
        await PartOfAsync(KubernetesKind.Pooler, cluster, cluster.Pooler, cancel) is { } found ? new PoolerView(found) : null;

    /// <summary>Where clients connect: the pooler when there is one. Empty while a load balancer has no address.</summary>
    public async Task<IReadOnlyList<ResourceEndpoint>> EndpointsAsync(ClusterView cluster, CancellationToken cancel) =>
        EndpointsOf(cluster, await ServiceAsync(cluster, cancel));

    /// <summary>All objects with a key. Costs one list of each kind.</summary>
    public async Task<ClusterSnapshot> ListAsync(CancellationToken cancel)
    {
        var all = new Dictionary<KubernetesKind, IReadOnlyDictionary<ClusterId, JsonObject>>();
        foreach (var kind in ClusterWatch.KindsOf(options))
        {
            var listed = await api.ListAsync(kind, options.FixedNamespace, CnpgNames.KeyLabel, cancel);
            all[kind] = listed.ToDictionary(o => new ClusterView(o).Id);
        }

        return new ClusterSnapshot(all);
    }

    /// <summary>The observations of all clusters.</summary>
    public ResourceListing Observe(ClusterSnapshot snapshot) =>
        new(
            observations.Observe(
                [.. snapshot.Clusters.Select(c => (c, snapshot.PartsOf(c, ServiceOf(c))))],
                (c, parts) => new ListedResource(c.Key, c.ExternalName, ClusterObserver.Observe(c, parts, EndpointsOf(c, parts.Service)))
            )
        );

    private Task<JsonObject?> ServiceAsync(ClusterView cluster, CancellationToken cancel) =>
        PartOfAsync(KubernetesKind.Service, cluster, options.UsesLoadBalancer ? ServiceOf(cluster) : null, cancel);

    private async Task<JsonObject?> PartOfAsync(KubernetesKind kind, ClusterView cluster, string? name, CancellationToken cancel) =>
        name is null ? null : await api.FindAsync(kind, cluster.Id.Namespace, name, cancel);

    private string ServiceOf(ClusterView cluster) =>
        cluster.Pooler
        ?? (options.UsesLoadBalancer ? CnpgNames.LoadBalancer(cluster.Id.Name) : CnpgNames.ReadWriteService(cluster.Id.Name));

    private IReadOnlyList<ResourceEndpoint> EndpointsOf(ClusterView cluster, JsonObject? service)
    {
        var name = cluster.Pooler is null ? "postgres" : "pooler";
        if (!options.UsesLoadBalancer)
        {
            return [new ResourceEndpoint(name, $"{ServiceOf(cluster)}.{cluster.Id.Namespace}.svc", CnpgNames.Port)];
        }

        var address = (service?["status"]?["loadBalancer"]?["ingress"] as JsonArray)?.FirstOrDefault();
        var port = (service?["spec"]?["ports"] as JsonArray)?.FirstOrDefault()?["port"];
        return ((string?)address?["hostname"] ?? (string?)address?["ip"]) is { } host
            ? [new ResourceEndpoint(name, host, (int?)port ?? CnpgNames.Port)]
            : [];
    }
}
