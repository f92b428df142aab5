using k8s;
using k8s.Models;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Finds clusters by their keys, waits for them and observes them.</summary>
internal sealed class ClusterStore(KubernetesApi api, CnpgOptions options, TimeProvider time)
{
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

    public async Task<ResourceObservation> ObserveAsync(ClusterView cluster, CancellationToken cancel) =>
        ClusterObserver.Observe(cluster, await PoolerOfAsync(cluster, cancel), await EndpointsAsync(cluster, cancel));

    public async Task<PoolerView?> PoolerOfAsync(ClusterView cluster, CancellationToken cancel) =>
        cluster.Pooler is { } pooler && await api.FindAsync(KubernetesKind.Pooler, cluster.Id.Namespace, pooler, cancel) is { } found
            ? new PoolerView(found)
            : null;

    /// <summary>Where clients connect: the pooler when there is one. Empty while a load balancer has no address.</summary>
    public async Task<IReadOnlyList<ResourceEndpoint>> EndpointsAsync(ClusterView cluster, CancellationToken cancel)
    {
        var service = ServiceOf(cluster);
        return options.UsesLoadBalancer
            ? EndpointsOf(
                cluster,
                await api.FindAsync(
                    (c, token) => c.CoreV1.ReadNamespacedServiceAsync(service, cluster.Id.Namespace, cancellationToken: token),
                    cancel
                )
            )
            : EndpointsOf(cluster, null);
    }

    /// <summary>All clusters with a key.</summary>
    public async Task<IReadOnlyList<ClusterView>> ListAsync(CancellationToken cancel) =>
        [
            .. (await api.ListAsync(KubernetesKind.Cluster, options.FixedNamespace, CnpgNames.KeyLabel, cancel)).Select(
                c => new ClusterView(c)
            ),
        ];

    /// <summary>The observations of clusters. Costs one list of each other kind of object.</summary>
    public async Task<ResourceListing> ObserveAllAsync(IReadOnlyList<ClusterView> clusters, CancellationToken cancel)
    {
        var poolers = (await api.ListAsync(KubernetesKind.Pooler, options.FixedNamespace, CnpgNames.KeyLabel, cancel))
            .Select(p => new PoolerView(p))
            .ToDictionary(p => new ClusterId(p.Namespace, p.Name));
        var services = (options.UsesLoadBalancer ? await ServicesAsync(cancel) : []).ToDictionary(s => new ClusterId(
            s.Metadata.NamespaceProperty,
            s.Metadata.Name
        ));
        return new ResourceListing([
            .. clusters.Select(c => new ListedResource(
                c.Key,
                c.ExternalName,
                ClusterObserver.Observe(
                    c,
                    c.Pooler is { } pooler ? poolers.GetValueOrDefault(c.Id with { Name = pooler }) : null,
                    EndpointsOf(c, services.GetValueOrDefault(c.Id with { Name = ServiceOf(c) }))
                )
            )),
        ]);
    }

    private async Task<IEnumerable<V1Service>> ServicesAsync(CancellationToken cancel) =>
        (
            await api.CallAsync(
                (c, token) =>
                    options.FixedNamespace is { } space
                        ? c.CoreV1.ListNamespacedServiceAsync(space, labelSelector: CnpgNames.KeyLabel, cancellationToken: token)
                        : c.CoreV1.ListServiceForAllNamespacesAsync(labelSelector: CnpgNames.KeyLabel, cancellationToken: token),
                cancel
            )
        ).Items;

    private string ServiceOf(ClusterView cluster) =>
        cluster.Pooler
        ?? (options.UsesLoadBalancer ? CnpgNames.LoadBalancer(cluster.Id.Name) : CnpgNames.ReadWriteService(cluster.Id.Name));

    private IReadOnlyList<ResourceEndpoint> EndpointsOf(ClusterView cluster, V1Service? service)
    {
        var name = cluster.Pooler is null ? "postgres" : "pooler";
        if (!options.UsesLoadBalancer)
        {
            return [new ResourceEndpoint(name, $"{ServiceOf(cluster)}.{cluster.Id.Namespace}.svc", CnpgNames.Port)];
        }

        var address = service?.Status?.LoadBalancer?.Ingress?.FirstOrDefault();
        return (address?.Hostname ?? address?.Ip) is { } host
            ? [new ResourceEndpoint(name, host, service!.Spec.Ports?.FirstOrDefault()?.Port ?? CnpgNames.Port)]
            : [];
    }
}
