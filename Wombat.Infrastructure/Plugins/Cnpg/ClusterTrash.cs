using System.Text.Json.Nodes;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Keeps deleted databases: stopped with their volumes, or as a final backup.</summary>
internal sealed class ClusterTrash(
    KubernetesApi api,
    ClusterStore clusters,
    ClusterObjects objects,
    ClusterRemover remover,
    ClusterBackups backups,
    ClusterSecrets secrets,
    RestoredUsers users,
    CnpgManifests manifests
)
{
    private const string FinalSuffix = "-final";
    private const string Deleted = "Deleted";

    public async Task PutAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        if (request.Spec.Settings.DeletionPolicy == DeletionPolicy.HardDelete)
        {
            await remover.DeleteAsync(request.Resource, log, cancel);
            return;
        }

        var cluster = await clusters.FindAsync(request.Resource, cancel);
        if (cluster is null)
        {
            await log.WriteAsync("There is no Cluster with its key.", cancel);
            return;
        }

        cluster.EnsureIsNotBeingDeleted();

        await remover.DeletePartsAsync(request.Resource, log, cancel);
        if (request.Spec.Settings.DeletionPolicy == DeletionPolicy.Archive)
        {
            await ArchiveAsync(request, cluster, log, cancel);
            return;
        }

        await LabelAsync(cluster.Id, "true", cancel);
        await objects.HibernateAsync(cluster.Id, cluster.FreezeReason ?? Deleted, log, cancel);
    }

    /// <summary>Makes a deleted database available again and returns the id of its cluster, which need not be ready yet.</summary>
    public async Task<ClusterId> TakeAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        if (await clusters.FindAsync(request.Resource, cancel) is not { } cluster)
        {
            return await RestoreAsync(request, log, cancel);
        }

        await LabelAsync(cluster.Id, null, cancel);
        if (cluster.ShouldHibernate)
        {
            await objects.WakeAsync(cluster.Id, log, cancel);
        }

        var id = await objects.ApplyAsync(request, log, cancel);
        await users.DeclareAsync(id, cancel);
        return id;
    }

    private async Task ArchiveAsync(ProvisionRequest<DatabaseSpec> request, ClusterView cluster, IPluginLog log, CancellationToken cancel)
    {
        if (cluster.ShouldHibernate)
        {
            cluster = await objects.WakeAsync(cluster.Id, log, cancel);
        }

        await secrets.KeepAsync(cluster, cancel);
        await backups.NoteServerNameAsync(cluster.Id, cluster.ServerName, cancel);
        await backups.MakeAsync(request, cluster, log, cancel, $"{cluster.ServerName}{FinalSuffix}");
        await remover.DeleteServersAsync(request.Resource, log, cancel);
    }

    // The name of the final backup is the name under which the last cluster stored its backups.
    private async Task<ClusterId> RestoreAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        var id = manifests.IdOf(request);
        var final =
            (await api.ListAsync(KubernetesKind.Backup, id.Namespace, CnpgManifests.Selector(request.Resource.ExternalKey), cancel))
                .Select(b => new ClusterView(b))
                .Where(b => b.Id.Name.EndsWith(FinalSuffix, StringComparison.Ordinal))
                .MaxBy(b => b.CreatedAt)
            ?? throw new ExternalSystemException(
                ExternalFailure.NotFound,
                $"There is neither a Cluster nor a final Backup of {request.Resource.ExternalName}."
            );
        await log.WriteAsync($"Restoring the Backup {final.Id}.", cancel);

        // The operator refuses to write to a folder of the object store that another cluster has filled.
        var serverName = CnpgNames.Backup(id.Name, final.CreatedAt);
        var bootstrap = manifests.Recover(final.Id.Name[..^FinalSuffix.Length], null, CnpgNames.ArchivedSecret(id.Name));
        await objects.ApplyAsync(request, log, cancel, () => Task.FromResult(bootstrap), serverName);
        await users.DeclareAsync(id, cancel);
        return id;
    }

    private Task LabelAsync(ClusterId id, string? value, CancellationToken cancel) =>
        api.MergeAsync(
            KubernetesKind.Cluster,
            id,
            new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [CnpgNames.TrashLabel] = value } } },
            cancel
        );
}
