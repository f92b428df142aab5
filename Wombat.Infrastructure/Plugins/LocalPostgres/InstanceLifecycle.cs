using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Changes a database after its creation: restart, freeze, resize, deletion with and without its data, and the way back.</summary>
internal sealed class InstanceLifecycle(
    InstanceStore store,
    PostgresInstallations installations,
    InstanceRunner runner,
    BackupService backups,
    InstanceRestore restore,
    TimeProvider clock
)
{
    // Long enough to delete rows and to vacuum.
    private static readonly TimeSpan WritableAfterUnfreeze = TimeSpan.FromMinutes(15);

    public async Task<Instance> RestartAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await runner.StopAsync(folder, instance, cancel);
        return await runner.StartOnFreePortAsync(folder, instance, cancel);
    }

    /// <summary>Restarts the server as a standby without a primary, which nobody can write to.</summary>
    public async Task<Instance> FreezeAsync(InstanceFolder folder, Instance instance, Freeze freeze, CancellationToken cancel)
    {
        if (instance.Frozen is null)
        {
            instance = await WalArchive.MarkAsync(folder, instance, cancel);
            instance = folder.Update(instance, i => i with { Frozen = freeze, WritableUntil = null });
            await runner.StopAsync(folder, instance, cancel);
        }
        else
        {
            // A request of a user lasts until it is taken back, whatever the disk does.
            var cause = instance.Frozen.Cause == FreezeCause.Request ? instance.Frozen with { Reason = freeze.Reason } : freeze;
            instance = folder.Update(instance, i => i with { Frozen = cause });
        }

        await runner.StartAsync(folder, instance, cancel);
        return instance;
    }

    public async Task<Instance> UnfreezeAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        if (instance.Frozen is { } frozen)
        {
            instance = folder.Update(
                instance,
                i =>
                    i with
                    {
                        Frozen = null,
                        WritableUntil = frozen.Cause == FreezeCause.Request ? null : clock.GetUtcNow() + WritableAfterUnfreeze,
                    }
            );
            await runner.StopAsync(folder, instance, cancel);
        }

        await runner.StartAsync(folder, instance, cancel);
        return instance;
    }

    /// <summary>Applies the settings of a tier and restarts the server.</summary>
    /// <param name="before">The settings that it gets back when that fails.</param>
    public async Task<Instance> ResizeAsync(
        InstanceFolder folder,
        Instance instance,
        TierSpec tier,
        TierSpec before,
        CancellationToken cancel
    )
    {
        if (Objections.FindForResize(instance, tier).FirstOrDefault() is { } objection)
        {
            throw new ExternalSystemException(ExternalFailure.Invalid, objection.Message);
        }

        instance = folder.Update(instance, i => i with { Tier = tier, Frozen = null, WritableUntil = null });
        try
        {
            await runner.StopAsync(folder, instance, cancel);
            await runner.StartAsync(folder, instance, cancel);
        }
        catch (Exception)
        {
            // Neither settings with which the server does not start are kept, nor those of a cancelled request.
            instance = folder.Update(instance, i => i with { Tier = before });
            await runner.StopAsync(folder, instance, CancellationToken.None);
            await runner.StartAsync(folder, instance, CancellationToken.None);
            throw;
        }

        return instance;
    }

    /// <summary>Ends all access and keeps what the deletion policy says. Can be repeated.</summary>
    public async Task TrashAsync(InstanceFolder folder, Instance instance, DeletionPolicy policy, IPluginLog log, CancellationToken cancel)
    {
        if (instance.Phase == InstancePhase.Archived)
        {
            return;
        }

        if (instance.Phase == InstancePhase.Creating)
        {
            // There is nothing to keep yet, and its creation cannot go on after an undelete.
            await runner.StopAsync(folder, instance, cancel);
            return;
        }

        instance = folder.Update(instance, i => i with { Phase = InstancePhase.Trashed });
        await runner.StopAsync(folder, instance, cancel);
        await runner.DiscardRestoredAsync(folder, instance, cancel);
        if (policy != DeletionPolicy.Archive || !folder.HasData)
        {
            return;
        }

        instance = await BackUpPrivatelyAsync(folder, instance, log, cancel);
        instance = folder.Update(instance, i => i with { Phase = InstancePhase.Archived });
        await runner.DiscardDataAsync(folder, instance, cancel);
        await log.WriteAsync("The data directory was removed; the final backup stays.", cancel);
    }

    /// <summary>Makes a deleted database available again.</summary>
    public async Task<Instance> UndeleteAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        if (instance.Phase == InstancePhase.Creating)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "The creation of the database has not ended.");
        }

        if (instance.Phase == InstancePhase.Archived)
        {
            instance = await RestoreNewestAsync(folder, instance, log, cancel);
        }

        instance = await runner.StartOnFreePortAsync(folder, instance, cancel);
        return folder.Update(instance, i => i with { Phase = InstancePhase.Ready });
    }

    /// <summary>Restores everything that was archived into the data directory, which does not exist. The server is stopped then.</summary>
    public async Task<Instance> RestoreNewestAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        await RestoreArchivedAsync(folder, instance, log, cancel);

        // The archive of earlier backups ends here. Without a backup in the new one, later commits could not be restored.
        return await BackUpPrivatelyAsync(folder, folder.Read()!, log, cancel);
    }

    public async Task DeprovisionAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        var installed = await installations.FindAllAsync(cancel);
        if (installed.FirstOrDefault(i => i.Version == instance.Version) is { } installation)
        {
            await runner.EndAllAsync(folder.Restored, installation, cancel);
            await runner.EndAllAsync(folder, installation, cancel);
        }
        else if (InstanceRunner.IsRunning(folder))
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, PostgresInstallations.Missing(instance.Version, installed));
        }

        PostgresSocketFolder.DeleteOutside(folder.Restored.Path);
        PostgresSocketFolder.DeleteOutside(folder.Path);
        store.Remove(folder);
    }

    /// <summary>Backs up the data of a stopped server; nobody else can connect while the backup is made.</summary>
    public async Task<Instance> BackUpPrivatelyAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        await runner.StartPrivatelyAsync(folder, instance, cancel);
        await backups.BackUpAsync(folder, instance, log, cancel);
        instance = folder.Read()!;
        await runner.StopAsync(folder, instance, cancel);
        return instance;
    }

    /// <summary>Makes a backup, unless one was made since the WAL archive began, without which no commit in it can be restored.</summary>
    public async Task EnsureBackupAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        if (!new BackupCatalog(folder).HasBackupIn(instance.ArchiveName))
        {
            await backups.BackUpAsync(folder, instance, log, cancel);
        }
    }

    private async Task RestoreArchivedAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        var installation = await installations.GetAsync(instance.Version, cancel);
        if (new BackupCatalog(folder).ReadAll() is not [var final, ..])
        {
            throw new ExternalSystemException(ExternalFailure.Unknown, "The final backup of the database is missing.");
        }

        if (!folder.HasData)
        {
            // An attempt that was cut short has begun the new archive already.
            instance = folder.Update(instance, i => i.ArchiveName == final.Archive ? i.InNewArchive() : i);
            await restore.CopyAsync(folder, folder, final, installation, cancel);
        }

        var archive = Path.Combine(folder.Archives, final.Archive);
        await restore.RecoverAsync(folder, instance, new RecoverySource(archive, null, Immediate: false), log, cancel);
    }
}
