using System.Text.Json.Nodes;
using k8s;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Provides each database as a Cluster of CloudNativePG.</summary>
internal sealed class CnpgPlugin : IDatabaseProvider, IWatchesResources, IDisposable
{
    private readonly CnpgOptions options;
    private readonly KubernetesApi api;
    private readonly ClusterStore clusters;
    private readonly ClusterObjects objects;
    private readonly ClusterObjections objections;
    private readonly ClusterRemover remover;
    private readonly ClusterSecrets secrets;
    private readonly ClusterUsers users;
    private readonly ClusterOpener opener;
    private readonly ClusterResize resize;
    private readonly ClusterInPlaceRestore inPlaceRestore;
    private readonly ClusterBackups backups;
    private readonly ClusterTrash trash;
    private readonly UserExpiry expiry;
    private readonly ClusterWatch watch;
    private readonly ClusterRepair repair;
    private readonly TimeProvider time;

    public CnpgPlugin(CnpgOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
        api = new KubernetesApi(options, time);
        clusters = new ClusterStore(api, options, time);
        secrets = new ClusterSecrets(api, clusters);
        var manifests = new CnpgManifests(options);
        backups = new ClusterBackups(api, clusters, secrets, manifests, options, time);
        objects = new ClusterObjects(api, clusters, manifests, options);
        objections = new ClusterObjections(api, manifests, options);
        remover = new ClusterRemover(api, options, time);
        users = new ClusterUsers(api, clusters, secrets, time);
        var readiness = new ClusterReadiness(api, clusters, time);
        var restored = new RestoredUsers(clusters, secrets, users, time);
        opener = new ClusterOpener(clusters, objects, readiness, restored);
        resize = new ClusterResize(clusters, objects, readiness);
        inPlaceRestore = new ClusterInPlaceRestore(
            clusters,
            objects,
            opener,
            backups,
            secrets,
            remover,
            restored,
            manifests,
            options,
            time
        );
        trash = new ClusterTrash(api, clusters, objects, remover, backups, secrets, restored, manifests);
        expiry = new UserExpiry(users, time);
        watch = new ClusterWatch(api, options, time);
        repair = new ClusterRepair(api, objects, backups, manifests, options, time);
    }

    public string Name => options.Instance;

    public bool SchedulesBackups => true;

    public Task InitializeAsync(CancellationToken cancel) =>
        options.Kubeconfig is { } file && !File.Exists(file)
            ? throw new PluginConfigurationException($"plugins.{Name}.kubeconfig: there is no file {file}")
            : Task.CompletedTask;

    public async Task<PluginHealth> HealthAsync(CancellationToken cancel)
    {
        if (watch.IsCurrent)
        {
            return new PluginHealth(Healthy: true, "The Kubernetes API reports changes of the objects of CloudNativePG.");
        }

        try
        {
            // Nothing has this key, so the answer is small.
            await api.ListAsync(KubernetesKind.Cluster, options.FixedNamespace, CnpgManifests.Selector("none"), cancel);
            var limit = watch.Failure is { } failure ? $" Changes are seen late, because they cannot be watched: {failure}" : "";
            return new PluginHealth(Healthy: true, $"The Kubernetes API answers and knows CloudNativePG.{limit}");
        }
        catch (ExternalSystemException e)
        {
            return new PluginHealth(Healthy: false, e.Message);
        }
    }

    public Task<IReadOnlyList<DatabaseObjection>> FindObjectionsAsync(DatabaseSpec spec, CancellationToken cancel) =>
        objections.FindAsync(spec, cancel);

    public async Task<DatabaseChangeEffect> PlanChangeAsync(
        ResourceRef database,
        DatabaseChange change,
        DatabaseSpec after,
        CancellationToken cancel
    ) =>
        new(
            change switch
            {
                DatabaseChange.Tier => await objections.FindAsync(after, cancel),
                DatabaseChange.RestoreInPlace => inPlaceRestore.FindObjections(await clusters.FindAsync(database, cancel), after),
                _ => [],
            },
            Downtime: true
        );

    public async Task<ResourceObservation> ProvisionAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        var id = await objects.ApplyAsync(request, log, cancel, () => backups.BootstrapAsync(request, cancel));
        return await ReadyAsync(request, id, log, cancel);
    }

    public async Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel) =>
        await clusters.FindAsync(resource, cancel) is { } cluster
            ? await clusters.ObserveAsync(cluster, cancel)
            : await repair.ObserveMissingAsync(resource, cancel);

    public async Task<ResourceListing> ListAsync(CancellationToken cancel)
    {
        var all = watch.Read() ?? await clusters.ListAsync(cancel);
        expiry.EndSessions(all.Clusters);
        return clusters.Observe(all);
    }

    public WatchedResources? TakeWatched()
    {
        if (watch.Take() is not { } taken)
        {
            return null;
        }

        expiry.EndSessions(taken.All.Clusters);
        return new WatchedResources(clusters.Observe(taken.All), taken.ChangedKeys);
    }

    public Task WaitForChangeAsync(CancellationToken cancel) => watch.WaitForChangeAsync(cancel);

    public Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel) =>
        remover.DeleteAsync(resource, log, cancel);

    public async Task<DatabaseCredentials> GetCredentialsAsync(ResourceRef database, string? user, CancellationToken cancel) =>
        await secrets.ReadAsync(await clusters.GetAsync(database, cancel), user, cancel);

    public async Task RotateAsync(ResourceRef database, string? user, bool endSessions, IPluginLog log, CancellationToken cancel) =>
        await users.RotateAsync(await clusters.GetAsync(database, cancel), user, endSessions, log, cancel);

    public async Task<ResourceObservation> FreezeAsync(ResourceRef database, string reason, IPluginLog log, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(database, cancel);
        return await clusters.ObserveAsync(await objects.HibernateAsync(cluster.Id, reason, log, cancel), cancel);
    }

    public async Task<ResourceObservation> UnfreezeAsync(ResourceRef database, IPluginLog log, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(database, cancel);
        return await clusters.ObserveAsync(await objects.WakeAsync(cluster.Id, log, cancel), cancel);
    }

    public async Task<ResourceObservation> RestartAsync(ResourceRef database, IPluginLog log, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(database, cancel);
        var at = time.GetUtcNow().ToString("O");
        await objects.AnnotateAsync(cluster.Id, new JsonObject { [CnpgNames.RestartAnnotation] = at }, cancel);
        await clusters.WaitAsync(
            cluster.Id,
            ClusterObjects.ChangeTimeout,
            "restarted",
            async seen => seen.IsReady && seen.ReadyInstances >= seen.Instances && await RunsSinceAsync(seen, at, cancel),
            log,
            cancel
        );
        return await StatusAsync(database, cancel);
    }

    public async Task<ResourceObservation> ResizeAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseSpec before,
        IPluginLog log,
        CancellationToken cancel
    ) => await clusters.ObserveAsync(await resize.ResizeAsync(request, before, log, cancel), cancel);

    public async Task<ResourceObservation> RepairAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        if (await inPlaceRestore.FindUnfinishedAsync(request, cancel) is { } unfinished)
        {
            return await inPlaceRestore.ContinueAsync(request, unfinished, log, cancel);
        }

        // Provisioning would make an empty database where there was one.
        var id = await clusters.FindAsync(request.Resource, cancel) is null
            ? await repair.RestoreAsync(request, log, cancel)
            : await objects.ApplyAsync(request, log, cancel);
        return await ReadyAsync(request, id, log, cancel);
    }

    public async Task<ResourceObservation> AdoptAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(request.Resource, cancel);
        await objects.AdoptAsync(request, cluster, cancel);
        return await StatusAsync(request.Resource, cancel);
    }

    public async Task<DatabaseBackups> ListBackupsAsync(ResourceRef database, CancellationToken cancel) =>
        await backups.ListAsync(await clusters.GetAsync(database, cancel), asksDatabase: false, cancel);

    public async Task<DatabaseBackups> FindRestorableAsync(ResourceRef database, CancellationToken cancel) =>
        await backups.ListAsync(await clusters.GetAsync(database, cancel), asksDatabase: true, cancel);

    public async Task<DatabaseBackup> BackUpAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        await backups.MakeAsync(request, await clusters.GetAsync(request.Resource, cancel), log, cancel);

    public Task<ResourceObservation> RestoreInPlaceAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseRestoreTarget target,
        IPluginLog log,
        CancellationToken cancel
    ) => inPlaceRestore.RestoreAsync(request, target, log, cancel);

    public Task TrashAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel) =>
        trash.PutAsync(request, log, cancel);

    public async Task<ResourceObservation> UndeleteAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        if (await inPlaceRestore.FindUnfinishedAsync(request, cancel) is not { } unfinished)
        {
            return await ReadyAsync(request, await trash.TakeAsync(request, log, cancel), log, cancel);
        }

        // Of one that was deleted in the middle of a restore in place there may be nothing but the state of the restore.
        if (await clusters.FindAsync(request.Resource, cancel) is not null)
        {
            await trash.TakeAsync(request, log, cancel);
        }

        return await inPlaceRestore.ContinueAsync(request, unfinished, log, cancel);
    }

    public async Task<IReadOnlyList<DatabaseExtension>> ListExtensionsAsync(ResourceRef database, CancellationToken cancel)
    {
        var cluster = await clusters.GetAsync(database, cancel);
        if (cluster.ShouldHibernate)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"{database.ExternalName} is frozen, so its server cannot be asked."
            );
        }

        await using var connection = await users.ConnectAsync(cluster, null, cancel);
        return await connection.ListExtensionsAsync(cancel);
    }

    public async Task<IReadOnlyList<DatabaseUserSpec>> ListUsersAsync(ResourceRef database, CancellationToken cancel) =>
        ManagedRoles.UsersOf(await clusters.GetAsync(database, cancel));

    public async Task SaveUserAsync(ResourceRef database, DatabaseUserSpec user, IPluginLog log, CancellationToken cancel) =>
        await users.SaveAsync(await clusters.GetAsync(database, cancel), user, log, cancel);

    public async Task DropUserAsync(ResourceRef database, string user, IPluginLog log, CancellationToken cancel) =>
        await users.DropAsync(await clusters.GetAsync(database, cancel), user, log, cancel);

    public void Dispose()
    {
        watch.Dispose();
        api.Dispose();
    }

    private async Task<ResourceObservation> ReadyAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterId id,
        IPluginLog log,
        CancellationToken cancel
    ) => await clusters.ObserveAsync(await opener.ReadyAsync(request, id, log, cancel), cancel);

    // The operator gives every Pod the annotation with which it was started.
    private async Task<bool> RunsSinceAsync(ClusterView cluster, string at, CancellationToken cancel)
    {
        var pods = await api.CallAsync(
            (c, token) =>
                c.CoreV1.ListNamespacedPodAsync(
                    cluster.Id.Namespace,
                    labelSelector: $"{CnpgNames.ClusterLabel}={cluster.Id.Name},cnpg.io/podRole=instance",
                    cancellationToken: token
                ),
            cancel
        );
        return pods.Items.Count >= cluster.Instances
            && pods.Items.All(p => p.Metadata.Annotations?.TryGetValue(CnpgNames.RestartAnnotation, out var since) == true && since == at);
    }
}
