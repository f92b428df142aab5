using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>Makes a database again whose Cluster somebody has deleted, from its backups.</summary>
internal sealed class ClusterRepair(
    KubernetesApi api,
    ClusterObjects objects,
    ClusterBackups backups,
    CnpgManifests manifests,
    CnpgOptions options,
    TimeProvider time
)
{
    /// <summary>A database without Cluster: missing, with a difference when there are backups of it.</summary>
    public async Task<ResourceObservation> ObserveMissingAsync(ResourceRef resource, CancellationToken cancel) =>
        await FindAsync(resource, cancel) is { } lost
            ? ResourceObservation.Missing with
            {
                Differences = [new ResourceDifference(KubernetesKind.Cluster.Kind, lost.Id.Name, null)],
            }
            : ResourceObservation.Missing;

    /// <summary>Restores everything that was archived. The database gets a new password.</summary>
    /// <exception cref="ExternalSystemException">Not found: there is no backup.</exception>
    public async Task<ClusterId> RestoreAsync(ProvisionRequest<DatabaseSpec> request, IPluginLog log, CancellationToken cancel)
    {
        var (id, serverName, source) =
            await FindAsync(request.Resource, cancel)
            ?? throw new ExternalSystemException(
                ExternalFailure.NotFound,
                "The Cluster of the database is missing, and it has no backup. Delete the database."
            );
        await log.WriteAsync($"The Cluster {id} is missing. Restoring everything that was archived.", cancel);

        // The operator refuses to write to a folder of the object store that another cluster has filled.
        var next = CnpgNames.Backup(id.Name, time.GetUtcNow());
        await backups.NoteServerNameAsync(id, serverName, cancel);
        return await objects.ApplyAsync(request, log, cancel, () => Task.FromResult(manifests.Recover(source, null, null)), next);
    }

    // The NetworkPolicy is not deleted with the Cluster, and tells under which name its backups are stored.
    private async Task<(ClusterId Id, string ServerName, string Source)?> FindAsync(ResourceRef resource, CancellationToken cancel)
    {
        if (options.ObjectStore is null || resource.ExternalId is not { } text || ClusterId.TryParse(text) is not { } id)
        {
            return null;
        }

        var policy = await api.FindAsync(KubernetesKind.NetworkPolicy, id.Namespace, CnpgNames.NetworkPolicy(id.Name), cancel);
        if (
            policy is null
            || new ClusterView(policy).Key != resource.ExternalKey
            || new ClusterView(policy).Annotation(CnpgNames.ServerNameAnnotation) is not { } serverName
        )
        {
            return null;
        }

        var newest = await backups.FindNewestAsync(id, cancel);
        return newest is null ? null : (id, serverName, ClusterBackups.ServerNameOf(newest) ?? serverName);
    }
}
