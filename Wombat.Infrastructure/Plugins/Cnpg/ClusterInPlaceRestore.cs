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
            await EnsureBackupAsync(request, cluster, state, log, cancel);
            await secrets.NoteAsync(id, state with { IsDone = true }, cancel);
        }

        return await clusters.ObserveAsync(await clusters.GetAsync(request.Resource, cancel), cancel);
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
        if (FindObjections(cluster, request.Spec) is [var objection, ..])
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, objection.Message);
        }

        var point = await backups.FindPointAsync(cluster.Id, cluster.ServerName, target.TargetTime, target.BackupId, cancel);
        var state = new InPlaceRestoreState(target.RequestId, point, CnpgNames.Backup(cluster.Id.Name, time.GetUtcNow()));
        if (!cluster.IsClosed)
        {
            await BackUpAsync(request, cluster, log, cancel);
            await secrets.KeepAsync(cluster, cancel, state);
        }
        else if (earlier is null)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "The restore of the database has not ended. Retry its job.");
        }
        else
        {
            // An earlier restore has failed. Nobody has used its data, and those before it are kept.
            await secrets.NoteAsync(cluster.Id, state, cancel);
        }

        return state;
    }

    private async Task BackUpAsync(ProvisionRequest<DatabaseSpec> request, ClusterView cluster, IPluginLog log, CancellationToken cancel)
    {
        await log.WriteAsync("Backing up the present data first.", cancel);
        await backups.NoteServerNameAsync(cluster.Id, cluster.ServerName, cancel);
        var backup = await backups.MakeAsync(request, cluster, log, cancel, isReplaced: true);
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
        var present = await clusters.FindAsync(request.Resource, cancel);
        if (present is not null && present.ServerName != state.ServerName)
        {
            await remover.DeleteClusterAsync(present, log, cancel);
            present = null;
        }

        if (present is null)
        {
            await users.EndSessionsAsync(id, cancel);
        }

        var bootstrap = manifests.Recover(state.Point.ServerName, state.Point.Target, CnpgNames.ArchivedSecret(id.Name));
        await objects.ApplyAsync(request, log, cancel, bootstrap, state.ServerName);
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
