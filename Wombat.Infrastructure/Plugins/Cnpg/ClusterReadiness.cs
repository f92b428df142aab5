using k8s;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Waits until a cluster is ready and clients can reach it.</summary>
internal sealed class ClusterReadiness(KubernetesApi api, ClusterStore clusters, TimeProvider time)
{
    /// <summary>Waits at most as long as the tier says. A cluster that hibernates is not waited for.</summary>
    /// <exception cref="ExternalSystemException">The cluster has failed, is gone, or did not become ready in time.</exception>
    public async Task<ClusterView> WaitAsync(ProvisionRequest<DatabaseSpec> request, ClusterId id, IPluginLog log, CancellationToken cancel)
    {
        var (timeout, start) = (TimeSpan.FromSeconds(request.Spec.Settings.ReadyTimeoutSeconds), time.GetTimestamp());
        var cluster = await clusters.WaitAsync(
            id,
            timeout,
            "ready",
            seen => seen.ShouldHibernate || seen.IsReady && seen.ReadyInstances >= seen.Instances,
            log,
            cancel
        );
        return cluster.ShouldHibernate ? cluster : await WaitForPartsAsync(cluster, timeout - time.GetElapsedTime(start), log, cancel);
    }

    private async Task<ClusterView> WaitForPartsAsync(ClusterView cluster, TimeSpan atMost, IPluginLog log, CancellationToken cancel)
    {
        var missing = "";
        try
        {
            return await clusters.WaitAsync(
                cluster.Id,
                atMost,
                "reachable",
                async seen => (missing = await MissingAsync(seen, cancel)).Length == 0,
                log,
                cancel
            );
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Unavailable && missing.Length > 0)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, missing, inner: e);
        }
    }

    private async Task<string> MissingAsync(ClusterView cluster, CancellationToken cancel)
    {
        if (cluster.Pooler is { } name)
        {
            var pooler = await clusters.PoolerOfAsync(cluster, cancel);
            if (pooler is not { IsActive: true })
            {
                return $"The Pooler {name} is {pooler?.PhaseText ?? "missing."}";
            }
        }

        var secret = await api.FindAsync(
            (c, token) => c.CoreV1.ReadNamespacedSecretAsync(cluster.AppSecret, cluster.Id.Namespace, cancellationToken: token),
            cancel
        );
        return secret is null ? $"The Secret {cluster.AppSecret} does not exist yet."
            : (await clusters.EndpointsAsync(cluster, cancel)).Count == 0 ? "The load balancer has no address yet."
            : "";
    }
}
