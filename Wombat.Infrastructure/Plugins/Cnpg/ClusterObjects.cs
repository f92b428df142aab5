using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Applies and changes the objects of a database.</summary>
internal sealed class ClusterObjects(
    KubernetesApi api,
    ClusterStore clusters,
    ClusterBackups backups,
    CnpgManifests manifests,
    CnpgOptions options
)
{
    /// <summary>How long the operator may take to stop, start or restart a database.</summary>
    public static readonly TimeSpan ChangeTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Applies all objects and returns the id of the cluster, which it reports to the log.</summary>
    /// <param name="bootstrap">How its data are created; null for what the request says.</param>
    /// <exception cref="ExternalSystemException">Conflict: the name belongs to a cluster with another key.</exception>
    public async Task<ClusterId> ApplyAsync(
        ProvisionRequest<DatabaseSpec> request,
        IPluginLog log,
        CancellationToken cancel,
        ClusterBootstrap? bootstrap = null,
        string? serverName = null
    )
    {
        var id = manifests.IdOf(request);
        var existing = await clusters.FindAsync(id, cancel);
        EnsureIsOurs(existing, request.Resource, id);
        if (existing?.IsBeingDeleted == true)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"The Cluster {id} is still being deleted.");
        }

        await EnsureNamespaceAsync(id.Namespace, cancel);
        await api.ApplyAsync(KubernetesKind.NetworkPolicy, manifests.NetworkPolicy(request, id), cancel);
        var start = existing?.Bootstrap ?? bootstrap ?? await backups.BootstrapAsync(request, cancel);
        serverName = existing?.ServerName ?? serverName ?? id.Name;
        await api.ApplyAsync(KubernetesKind.Cluster, manifests.Cluster(request, id, start, serverName), cancel);
        await log.ReportExternalIdAsync(id.ToString());
        await AnnotateAsync(
            KubernetesKind.NetworkPolicy,
            id with
            {
                Name = CnpgNames.NetworkPolicy(id.Name),
            },
            new JsonObject { [CnpgNames.ServerNameAnnotation] = serverName },
            cancel
        );
        await ApplyPartAsync(
            KubernetesKind.Pooler,
            id with
            {
                Name = CnpgNames.Pooler(id.Name),
            },
            request.Spec.Settings.PoolerInstances > 0 ? manifests.Pooler(request, id) : null,
            cancel
        );
        await ApplyPartAsync(
            KubernetesKind.ScheduledBackup,
            id with
            {
                Name = CnpgNames.ScheduledBackup(id.Name),
            },
            manifests.HasSchedule(request.Spec.Settings) ? manifests.ScheduledBackup(request, id) : null,
            cancel
        );
        await log.WriteAsync($"Applied the Cluster {id}.", cancel);
        return id;
    }

    /// <summary>Expects from now on what a request says, and changes nothing else.</summary>
    public async Task AdoptAsync(ProvisionRequest<DatabaseSpec> request, ClusterView cluster, CancellationToken cancel)
    {
        var start = cluster.Bootstrap ?? CnpgManifests.Initialize();
        await ExpectAsync(
            KubernetesKind.Cluster,
            cluster.Id,
            manifests.Cluster(request, cluster.Id, start, cluster.ServerName ?? cluster.Id.Name),
            cancel
        );
        if (cluster.Pooler is { } pooler && await clusters.PoolerOfAsync(cluster, cancel) is not null)
        {
            await ExpectAsync(KubernetesKind.Pooler, cluster.Id with { Name = pooler }, manifests.Pooler(request, cluster.Id), cancel);
        }
    }

    /// <summary>Waits until clients can connect to a ready cluster, and observes it.</summary>
    public async Task<ResourceObservation> WaitForPartsAsync(ClusterView cluster, TimeSpan atMost, IPluginLog log, CancellationToken cancel)
    {
        var missing = "";
        try
        {
            return await clusters.ObserveAsync(
                await clusters.WaitAsync(
                    cluster.Id,
                    atMost,
                    "reachable",
                    async seen => (missing = await MissingAsync(seen, cancel)).Length == 0,
                    log,
                    cancel
                ),
                cancel
            );
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Unavailable && missing.Length > 0)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, missing, inner: e);
        }
    }

    /// <exception cref="ExternalSystemException">Invalid: the storage would become smaller.</exception>
    public async Task CheckResizeAsync(ProvisionRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(request.Resource, cancel);
        if (cluster.StorageMib is { } present && request.Spec.Settings.StorageMib < present)
        {
            throw new ExternalSystemException(
                ExternalFailure.Invalid,
                $"The storage of {request.Resource.ExternalName} is {present} MiB and can only grow, not shrink to "
                    + $"{request.Spec.Settings.StorageMib} MiB."
            );
        }

        if (cluster.ShouldHibernate)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, $"{request.Resource.ExternalName} is frozen.");
        }
    }

    public async Task<ClusterView> HibernateAsync(ClusterId id, string reason, IPluginLog log, CancellationToken cancel)
    {
        await AnnotateAsync(id, new JsonObject { [CnpgNames.HibernationAnnotation] = "on", [CnpgNames.ReasonAnnotation] = reason }, cancel);
        return await clusters.WaitAsync(id, ChangeTimeout, "stopped", seen => seen.IsHibernated, log, cancel);
    }

    public async Task<ClusterView> WakeAsync(ClusterId id, IPluginLog log, CancellationToken cancel)
    {
        await AnnotateAsync(id, new JsonObject { [CnpgNames.HibernationAnnotation] = "off", [CnpgNames.ReasonAnnotation] = null }, cancel);
        return await clusters.WaitAsync(
            id,
            ChangeTimeout,
            "started",
            seen => !seen.IsHibernated && seen.IsReady && seen.ReadyInstances >= seen.Instances,
            log,
            cancel
        );
    }

    public Task AnnotateAsync(ClusterId id, JsonObject annotations, CancellationToken cancel) =>
        AnnotateAsync(KubernetesKind.Cluster, id, annotations, cancel);

    private Task AnnotateAsync(KubernetesKind kind, ClusterId id, JsonObject annotations, CancellationToken cancel) =>
        api.MergeAsync(kind, id, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, cancel);

    private Task ExpectAsync(KubernetesKind kind, ClusterId id, JsonObject manifest, CancellationToken cancel)
    {
        var applied = manifest["metadata"]!["annotations"]![CnpgNames.AppliedAnnotation]!.DeepClone();
        return AnnotateAsync(kind, id, new JsonObject { [CnpgNames.AppliedAnnotation] = applied }, cancel);
    }

    private async Task ApplyPartAsync(KubernetesKind kind, ClusterId id, JsonObject? manifest, CancellationToken cancel)
    {
        if (manifest is not null)
        {
            await api.ApplyAsync(kind, manifest, cancel);
        }
        else
        {
            await api.DeleteAsync(kind, id.Namespace, id.Name, cancel);
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

    private static void EnsureIsOurs(ClusterView? existing, ResourceRef resource, ClusterId id)
    {
        if (existing is not null && existing.Key != resource.ExternalKey)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"The Cluster {id} already exists and does not belong to {resource.ExternalName}."
            );
        }
    }

    private async Task EnsureNamespaceAsync(string space, CancellationToken cancel)
    {
        if (!options.CreatesNamespaces)
        {
            return;
        }

        var manifest = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject
            {
                ["name"] = space,
                ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = CnpgNames.Manager },
            },
        };
        await api.CallAsync(
            (c, token) =>
                c.CoreV1.PatchNamespaceAsync(
                    KubernetesApi.Patch(manifest, V1Patch.PatchType.ApplyPatch),
                    space,
                    fieldManager: CnpgNames.Manager,
                    force: true,
                    cancellationToken: token
                ),
            cancel
        );
    }
}
