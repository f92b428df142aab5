using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Cnpg;

/// <summary>
/// Restores a database into itself: the Cluster is replaced by one of the same name that is made from a backup. It has the same users and
/// passwords and stores its backups under a new name; those of the replaced data stay. Each step finds what an earlier attempt has done,
/// so that it can be killed at any point.
/// </summary>
internal sealed class ClusterInPlaceRestore(
    ClusterStore clusters,
    ClusterObjects objects,
    ClusterOpener opener,
    ClusterBackups backups,
    ClusterSecrets secrets,
    ClusterRemover remover,
    RestoredUsers users,
    CnpgManifests manifests,
    CnpgOptions options,
    TimeProvider time
)
{
    public IReadOnlyList<DatabaseObjection> FindObjections(ClusterView? cluster, DatabaseSpec spec)
    {
        var message =
            options.ObjectStore is null ? $"plugins.{options.Instance} has no object store, so there are no backups to restore."
            : cluster is null ? "The Cluster of the database is missing."
            : cluster.ServerName is null || spec.Settings.BackupSchedule is null
                ? "The tier has no backup schedule, so there are no backups to restore."
            : cluster.ShouldHibernate ? "The database is frozen. Unfreeze it first."
            : null;
        return message is null ? [] : [new DatabaseObjection("change", message)];
    }

    public async Task<ResourceObservation> RestoreAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseRestoreTarget target,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var state = (await secrets.KeptAsync(manifests.IdOf(request), cancel)).Restore;
        if (state?.RequestId != target.RequestId)
        {
            state = await BeginAsync(request, target, state, log, cancel);
        }
        else if (
            !state.IsDone
            && await clusters.FindAsync(request.Resource, cancel) is { IsClosed: false, IsBeingDeleted: false } present
            && present.ServerName != state.ServerName
        )
        {
            // The attempt that has kept it may have ended long ago, and the database has been in use since.
            await KeepAsync(request, present, state, log, cancel);
        }

        return await ContinueAsync(request, state, log, cancel);
    }

    /// <summary>The restore that has removed the Cluster and has not ended; null when there is none.</summary>
    public async Task<InPlaceRestoreState?> FindUnfinishedAsync(ProvisionRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        var id = manifests.IdOf(request);
        return
            (await secrets.KeptAsync(id, cancel)).Restore is { IsDone: false } state
            && (await clusters.FindAsync(id, cancel) is not { } present || present.ServerName == state.ServerName)
            ? state
            : null;
    }

    public async Task<ResourceObservation> ContinueAsync(
        ProvisionRequest<DatabaseSpec> request,
        InPlaceRestoreState state,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var id = manifests.IdOf(request);
        if (!state.IsDone)
        {
            await ReplaceAsync(request, state, log, cancel);
            var cluster = await opener.ReadyAsync(request, id, log, cancel);
            await users.ActAsync(cluster, log, cancel);

            // From now on the database is in use: nothing may begin this restore again.
            await secrets.NoteAsync(id, state with { IsDone = true }, cancel);
        }

        await EnsureBackupAsync(request, await clusters.GetAsync(request.Resource, cancel), state, log, cancel);
        return await clusters.ObserveAsync(await clusters.GetAsync(request.Resource, cancel), cancel);
    }

    private void Require(ProvisionRequest<DatabaseSpec> request, ClusterView cluster)
    {
        if (FindObjections(cluster, request.Spec) is [var objection, ..])
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, objection.Message);
        }
    }

    // Until the state is kept, a failure leaves the database as it was.
    private async Task<InPlaceRestoreState> BeginAsync(
        ProvisionRequest<DatabaseSpec> request,
        DatabaseRestoreTarget target,
        InPlaceRestoreState? earlier,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var cluster = await clusters.GetAsync(request.Resource, cancel);
        Require(request, cluster);
        var point = await backups.FindPointAsync(cluster.Id, cluster.ServerName, target.TargetTime, target.BackupId, cancel);
        var state = new InPlaceRestoreState(target.RequestId, point, CnpgNames.Backup(cluster.Id.Name, time.GetUtcNow()));
        if (!cluster.IsClosed)
        {
            await KeepAsync(request, cluster, state, log, cancel);
        }
        else if (earlier is null)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "The restore of the database has not ended. Repair it first.");
        }
        else
        {
            // An earlier restore has failed. Nobody has used its data, and those before it are kept.
            await secrets.NoteAsync(cluster.Id, state, cancel);
        }

        return state;
    }

    private async Task KeepAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterView cluster,
        InPlaceRestoreState state,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        if (cluster.Complaint("ContinuousArchiving") is { } complaint)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"The WAL of the database is not archived, so its latest commits could not be kept: {complaint}"
            );
        }

        await log.WriteAsync("Backing up the present data first.", cancel);
        await backups.NoteServerNameAsync(cluster.Id, cluster.ServerName, cancel);
        var backup = await backups.MakeAsync(request, cluster, log, cancel, isReplaced: true);
        await secrets.KeepAsync(cluster, cancel, state);
        await log.WriteAsync($"The Backup {backup.Id} keeps the present data; restore it to get them back.", cancel);
    }

    private async Task ReplaceAsync(
        ProvisionRequest<DatabaseSpec> request,
        InPlaceRestoreState state,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var id = manifests.IdOf(request);
        if (options.ObjectStore is null)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"plugins.{options.Instance} has no object store any more, so the restore cannot go on."
            );
        }

        var bootstrap = manifests.Recover(state.Point.ServerName, state.Point.Target, CnpgNames.ArchivedSecret(id.Name));
        var present = await clusters.FindAsync(request.Resource, cancel);
        if (present is not null && present.ServerName != state.ServerName)
        {
            Require(request, present);
            await remover.DeleteClusterAsync(present, log, cancel);
            present = null;
        }

        if (present is null)
        {
            await users.EndSessionsAsync(id, cancel);
        }

        await objects.ApplyAsync(request, log, cancel, () => Task.FromResult(bootstrap), state.ServerName);
        await users.DeclareAsync(id, cancel);
    }

    // Without a backup under the new name, later commits could not be restored.
    private async Task EnsureBackupAsync(
        ProvisionRequest<DatabaseSpec> request,
        ClusterView cluster,
        InPlaceRestoreState state,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        try
        {
            if (!await backups.ExistsAsync(cluster.Id, state.ServerName, cancel))
            {
                await backups.MakeAsync(request, cluster, log, cancel);
            }
        }
        catch (ExternalSystemException e)
        {
            await log.WriteAsync($"The data are restored, but the first backup of them failed: {e.Message}", cancel);
        }
    }
}
