using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Applies and changes the objects of a database.</summary>
internal sealed class ClusterObjects(KubernetesApi api, ClusterStore clusters, CnpgManifests manifests, CnpgOptions options)
{
    /// <summary>How long the operator may take to stop, start or restart a database.</summary>
    public static readonly TimeSpan ChangeTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Applies all objects and returns the id of the cluster, which it reports to the log.</summary>
    /// <param name="bootstrap">How its data are created; null when it exists, since an empty one must not take its place.</param>
    /// <param name="serverName">The name under which its backups are stored; null for the usual one.</param>
    /// <param name="opens">Whether a restored cluster, which only Wombat can use, is opened to its users.</param>
    /// <exception cref="ExternalSystemException">
    /// Conflict: the name belongs to a cluster with another key. Not found: the cluster should exist.
    /// </exception>
    public async Task<ClusterId> ApplyAsync(
        ProvisionRequest<DatabaseSpec> request,
        IPluginLog log,
        CancellationToken cancel,
        Func<Task<ClusterBootstrap>>? bootstrap = null,
        string? serverName = null,
        bool opens = false
    )
    {
        var id = manifests.IdOf(request);
        var existing = await clusters.FindAsync(id, cancel);
        EnsureIsUsable(existing, request.Resource, id);
        if (existing is null && bootstrap is null)
        {
            throw new ExternalSystemException(ExternalFailure.NotFound, $"The Cluster {id} was deleted by someone else.");
        }

        await EnsureNamespaceAsync(id.Namespace, cancel);
        await api.ApplyAsync(KubernetesKind.NetworkPolicy, manifests.NetworkPolicy(request, id), cancel);
        var start = existing?.Bootstrap ?? (bootstrap is null ? CnpgManifests.Initialize() : await bootstrap());
        serverName = existing?.ServerName ?? serverName ?? id.Name;
        var isClosed = !opens && (existing?.IsClosed ?? start.IsRecovery);
        var manifest = WithStorageOf(existing, manifests.Cluster(request, id, start, serverName, isClosed), request.Spec.Settings);
        if (existing is null)
        {
            await api.ApplyAsync(KubernetesKind.Cluster, manifest, cancel);
        }

        await log.ReportExternalIdAsync(id.ToString());
        await api.AnnotateAsync(
            KubernetesKind.NetworkPolicy,
            id with
            {
                Name = CnpgNames.NetworkPolicy(id.Name),
            },
            new JsonObject { [CnpgNames.ServerNameAnnotation] = serverName },
            cancel
        );
        await ApplyPartsAsync(request, id, cancel);
        if (existing is not null)
        {
            // Last, since it says what is expected of the other objects.
            await api.ApplyAsync(KubernetesKind.Cluster, manifest, cancel);
        }

        await log.WriteAsync($"Applied the Cluster {id}.", cancel);
        return id;
    }

    /// <summary>Applies another size, while the previous one stays what is expected. Removes nothing yet.</summary>
    public async Task TryAsync(ProvisionRequest<DatabaseSpec> request, DatabaseSpec before, ClusterView cluster, CancellationToken cancel)
    {
        var present = request with { Spec = before };
        var expected = Cluster(present, cluster);
        var manifest = WithStorageOf(cluster, Cluster(request, cluster), request.Spec.Settings);
        AppliedSpec.Expect(manifest, expected);
        var pooler = Pooler(request, cluster.Id);
        if (pooler is not null)
        {
            manifest["metadata"]!["annotations"]![CnpgNames.PoolerAnnotation] = CnpgNames.Pooler(cluster.Id.Name);
        }

        await api.ApplyAsync(KubernetesKind.Cluster, manifest, cancel);
        if (pooler is not null)
        {
            AppliedSpec.Expect(pooler, Pooler(present, cluster.Id));
            await api.ApplyAsync(KubernetesKind.Pooler, pooler, cancel);
        }
    }

    /// <summary>Expects from now on what a request says, and changes nothing else.</summary>
    public async Task AdoptAsync(ProvisionRequest<DatabaseSpec> request, ClusterView cluster, CancellationToken cancel)
    {
        await ExpectAsync(KubernetesKind.Cluster, cluster.Id, Cluster(request, cluster), cancel);
        if (Pooler(request, cluster.Id) is { } pooler && await clusters.PoolerOfAsync(cluster, cancel) is not null)
        {
            await ExpectAsync(KubernetesKind.Pooler, new ClusterView(pooler).Id, pooler, cancel);
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
        api.AnnotateAsync(KubernetesKind.Cluster, id, annotations, cancel);

    private Task ExpectAsync(KubernetesKind kind, ClusterId id, JsonObject manifest, CancellationToken cancel)
    {
        var applied = manifest["metadata"]!["annotations"]![CnpgNames.AppliedAnnotation]!.DeepClone();
        return api.AnnotateAsync(kind, id, new JsonObject { [CnpgNames.AppliedAnnotation] = applied }, cancel);
    }

    private JsonObject Cluster(ProvisionRequest<DatabaseSpec> request, ClusterView present) =>
        manifests.Cluster(
            request,
            present.Id,
            present.Bootstrap ?? CnpgManifests.Initialize(),
            present.ServerName ?? present.Id.Name,
            present.IsClosed
        );

    private JsonObject? Pooler(ProvisionRequest<DatabaseSpec> request, ClusterId id) =>
        request.Spec.Settings.PoolerInstances > 0 ? manifests.Pooler(request, id) : null;

    // Volumes cannot shrink, and the operator refuses to try. The expected size stays that of the tier.
    private static JsonObject WithStorageOf(ClusterView? present, JsonObject manifest, TierSpec tier)
    {
        if (present?.StorageMib is { } size && size > tier.StorageMib)
        {
            manifest["spec"]!["storage"]!["size"] = Quantity.OfMebibytes(size);
        }

        return manifest;
    }

    private async Task ApplyPartsAsync(ProvisionRequest<DatabaseSpec> request, ClusterId id, CancellationToken cancel)
    {
        await ApplyPartAsync(KubernetesKind.Pooler, id with { Name = CnpgNames.Pooler(id.Name) }, Pooler(request, id), cancel);
        await ApplyPartAsync(
            KubernetesKind.ScheduledBackup,
            id with
            {
                Name = CnpgNames.ScheduledBackup(id.Name),
            },
            manifests.HasSchedule(request.Spec.Settings) ? manifests.ScheduledBackup(request, id) : null,
            cancel
        );
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

    private static void EnsureIsUsable(ClusterView? existing, ResourceRef resource, ClusterId id)
    {
        if (existing is not null && existing.Key != resource.ExternalKey)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"The Cluster {id} already exists and does not belong to {resource.ExternalName}."
            );
        }

        existing?.EnsureIsNotBeingDeleted();
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
