using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// Restores a backup of a database into the database itself. The backup is recovered by a second server in a folder of its own, then
/// the two data directories change places. Each step finds what an earlier attempt has done, so that it can be killed at any point.
/// </summary>
internal sealed class InPlaceRestore(
    PostgresInstallations installations,
    InstanceRunner runner,
    InstanceLifecycle lifecycle,
    InstanceRestore restore
)
{
    public async Task<Instance> RestoreAsync(
        InstanceFolder folder,
        Instance instance,
        DatabaseRestoreTarget target,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        if (instance.Restore?.RequestId != target.RequestId)
        {
            if (instance.Restore is { IsClosed: true } open)
            {
                // The data have the passwords and users of their time until this has ended.
                instance = await FinishAsync(folder, instance, open, CancellationToken.None);
            }

            instance = await BeginAsync(folder, instance, target, cancel);
        }

        if (instance.Restore!.Step == RestoreStep.Recovering)
        {
            instance = await ReplaceAsync(folder, instance, instance.Restore, log, cancel);
        }

        return await CompleteAsync(folder, instance, log, cancel);
    }

    /// <summary>Whether the restored data are in place, or about to be, and something is left to do.</summary>
    public static bool IsToBeCompleted(InstanceFolder folder, Instance instance) =>
        instance.Restore is { } state && (state.IsClosed || (state.Step == RestoreStep.Done && Directory.Exists(folder.Discarded)));

    /// <summary>Opens the database to clients and removes the replaced data. The restored data are in place, or about to be.</summary>
    public async Task<Instance> CompleteAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        if (instance.Restore!.Step != RestoreStep.Done)
        {
            // Not cancelled: nobody can connect until the end.
            instance = await FinishAsync(folder, instance, instance.Restore, CancellationToken.None);
        }

        instance = await runner.StartOnFreePortAsync(folder, instance, cancel);
        await runner.DiscardRestoredAsync(folder, instance, cancel);
        DataDirectory.Remove(folder.Discarded);
        return await EnsureBackupAsync(folder, instance, log, cancel);
    }

    private async Task<Instance> BeginAsync(
        InstanceFolder folder,
        Instance instance,
        DatabaseRestoreTarget target,
        CancellationToken cancel
    )
    {
        await runner.DiscardRestoredAsync(folder, instance, cancel);
        instance = await WalArchive.MarkAsync(folder, instance, cancel);
        var origin = new DatabaseOrigin(instance.Key, instance.Name, target.TargetTime, target.BackupId);
        var backup = InstanceRestore.Choose(folder, instance, origin);
        return folder.Update(
            instance,
            i => i with { Restore = new RestoreState(target.RequestId, RestoreStep.Recovering, backup.Id, target.TargetTime) }
        );
    }

    // Until the swap, a failure leaves the database as it was.
    private async Task<Instance> ReplaceAsync(
        InstanceFolder folder,
        Instance instance,
        RestoreState state,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        try
        {
            await RecoverAsync(folder, instance, state, log, cancel);
            await runner.StopAsync(folder, instance, cancel);
            await log.WriteAsync("Backing up the present data first; restore this backup to get them back.", cancel);
            instance = await lifecycle.BackUpPrivatelyAsync(folder, instance, log, cancel);
        }
        catch (Exception)
        {
            instance = folder.Update(folder.Read()!, i => i with { Restore = null });
            await runner.DiscardRestoredAsync(folder, instance, CancellationToken.None);
            await runner.StopAsync(folder, instance, CancellationToken.None);
            await runner.StartAsync(folder, instance, CancellationToken.None);
            throw;
        }

        instance = folder.Update(instance, i => i.InNewArchive() with { Restore = state with { Step = RestoreStep.Swapping } });
        await log.WriteAsync("Replacing the data.", CancellationToken.None);
        return instance;
    }

    private async Task RecoverAsync(InstanceFolder folder, Instance instance, RestoreState state, IPluginLog log, CancellationToken cancel)
    {
        var restored = folder.Restored;
        var backup =
            new BackupCatalog(folder).Find(state.BackupId)
            ?? throw new ExternalSystemException(ExternalFailure.Invalid, $"The backup {state.BackupId} no longer exists.");
        if (!restored.HasData)
        {
            restored.Create();
            var installation = await installations.GetAsync(instance.Version, cancel);
            await runner.EndAllAsync(restored, installation, cancel);
            await log.WriteAsync($"Restoring backup {backup.Id} ({backup.Bytes >> 20} MiB) beside the present data.", cancel);
            await restore.CopyAsync(restored, folder, backup, installation, cancel);
        }

        var archive = Path.Combine(folder.Archives, backup.Archive);
        var source = new RecoverySource(archive, state.TargetTime, Immediate: state.TargetTime is null);
        await restore.RecoverAsync(restored, instance, source, log, cancel);
    }

    private async Task<Instance> FinishAsync(InstanceFolder folder, Instance instance, RestoreState state, CancellationToken cancel)
    {
        if (state.Step == RestoreStep.Swapping)
        {
            await runner.StopAsync(folder, instance, cancel);
            DataDirectory.Swap(folder);
            instance = folder.Update(instance, i => i with { Restore = state with { Step = RestoreStep.Finishing } });
        }

        await runner.StartPrivatelyAsync(folder, instance, cancel);
        await CredentialsService.ResetAsync(folder, instance, cancel);
        await runner.StopAsync(folder, instance, cancel);
        return folder.Update(instance, i => i with { Restore = state with { Step = RestoreStep.Done } });
    }

    // Without a backup in the new archive, later commits could not be restored.
    private async Task<Instance> EnsureBackupAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        try
        {
            await lifecycle.EnsureBackupAsync(folder, instance, log, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            await log.WriteAsync($"The data are restored, but the first backup of them failed: {e.Message}", cancel);
        }

        return folder.Read()!;
    }
}
