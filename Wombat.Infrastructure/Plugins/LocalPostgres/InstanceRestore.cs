using System.Globalization;
using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Restores a backup of one database into the data directory of another, or of itself.</summary>
internal sealed partial class InstanceRestore(
    LocalPostgresOptions options,
    InstanceStore store,
    PostgresInstallations installations,
    InstanceRunner runner
)
{
    private const string RecoverySignal = "recovery.signal";

    private static readonly TimeSpan SourceTimeout = TimeSpan.FromSeconds(10);

    // Folders that PostgreSQL does not create itself.
    private static readonly string[] RequiredFolders = ["pg_wal", "pg_wal/archive_status", "pg_wal/summaries"];

    /// <summary>Whether a copied backup has not been recovered yet.</summary>
    public static bool IsPending(InstanceFolder folder) => File.Exists(Path.Combine(folder.Data, RecoverySignal));

    public int VersionOf(DatabaseOrigin origin) => Source(origin).Instance.Version;

    /// <summary>Copies the backup that the origin needs into the data directory and verifies its checksums.</summary>
    public async Task CopyBackupAsync(
        InstanceFolder folder,
        Instance instance,
        PostgresInstallation installation,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var origin = instance.Origin!;
        var (source, backup) = await ChooseAsync(origin, cancel);
        await log.WriteAsync($"Copying backup {backup.Id} of {origin.SourceName} ({backup.Bytes >> 20} MiB).", cancel);
        await CopyAsync(folder, source, backup, installation, cancel);
    }

    /// <exception cref="ExternalSystemException">The disk has no space for it, or the backup is damaged.</exception>
    public async Task CopyAsync(
        InstanceFolder folder,
        InstanceFolder source,
        InstanceBackup backup,
        PostgresInstallation installation,
        CancellationToken cancel
    )
    {
        DiskUsage.EnsureFree(folder, backup.Bytes, options, "restore");
        DataDirectory.CreateDraft(folder, installation);
        await Task.Run(() => CopyFiles(new BackupCatalog(source).DataOf(backup.Id), folder.Draft, backup, installation, cancel), cancel);
        Directory.Move(folder.Draft, folder.Data);
    }

    /// <summary>Recovers the copied backup, unless that is done. The server has stopped afterwards.</summary>
    public async Task RecoverAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        var origin = instance.Origin!;
        var (source, backup) = await ChooseAsync(origin, cancel);
        var archive = Path.Combine(source.Archives, backup.Archive);
        await RecoverAsync(folder, instance, new RecoverySource(archive, origin.TargetTime, origin.BackupId is not null), log, cancel);
    }

    public async Task RecoverAsync(
        InstanceFolder folder,
        Instance instance,
        RecoverySource source,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var server = new InstanceServer(folder, await installations.GetAsync(instance.Version, cancel));
        if (!IsPending(folder))
        {
            await server.StopAsync(cancel);
            return;
        }

        await server.StopAsync(cancel);
        var serverLog = new ServerLog(folder);
        try
        {
            await runner.RecoverAsync(folder, instance, source, cancel);
        }
        catch (ServerStartException) when (EndsBefore(serverLog, source.TargetTime))
        {
            // There was no commit after the time, so everything in the archive is the state at that time.
            await log.WriteAsync("No commit followed the time: everything in the archive is restored.", cancel);
            await RecoverCompletelyAsync(folder, instance, source with { TargetTime = null }, cancel);
        }
        catch (ServerStartException e)
        {
            throw Failure(e);
        }

        await server.StopAsync(cancel);
    }

    private async Task RecoverCompletelyAsync(InstanceFolder folder, Instance instance, RecoverySource source, CancellationToken cancel)
    {
        try
        {
            await runner.RecoverAsync(folder, instance, source, cancel);
        }
        catch (ServerStartException e)
        {
            throw Failure(e);
        }
    }

    private static ExternalSystemException Failure(ServerStartException e) =>
        new(ExternalFailure.Unknown, $"The restore failed: {e.Message}", inner: e);

    private static bool EndsBefore(ServerLog log, DateTimeOffset? target)
    {
        var lines = log.ReadLines();
        if (target is null || !lines.Any(l => l.Contains("recovery ended before configured recovery target", StringComparison.Ordinal)))
        {
            return false;
        }

        var last = lines.Select(l => LastCommitRegex().Match(l)).LastOrDefault(m => m.Success);
        return last is null
            || (
                DateTimeOffset.TryParse(last.Groups["at"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && at <= target
            );
    }

    private async Task<(InstanceFolder Source, InstanceBackup Backup)> ChooseAsync(DatabaseOrigin origin, CancellationToken cancel)
    {
        var (folder, instance) = Source(origin);
        if (origin.BackupId is null && instance.Phase == InstancePhase.Ready && !new BackupCatalog(folder).IsEmpty)
        {
            instance = await MarkAsync(folder, cancel) ?? instance;
        }

        return (folder, Choose(folder, instance, origin));
    }

    /// <summary>The backup that a restore begins with.</summary>
    /// <param name="folder">The source.</param>
    /// <exception cref="ExternalSystemException">The time or the backup cannot be restored.</exception>
    public static InstanceBackup Choose(InstanceFolder folder, Instance instance, DatabaseOrigin origin)
    {
        var catalog = new BackupCatalog(folder);
        if (origin.BackupId is { } id)
        {
            return catalog.Find(id)
                ?? throw new ExternalSystemException(ExternalFailure.Invalid, $"{origin.SourceName} has no backup with the id {id}.");
        }

        var backups = catalog.ReadAll();
        if (backups.Count == 0)
        {
            throw new ExternalSystemException(ExternalFailure.Invalid, $"{origin.SourceName} has no backup yet.");
        }

        if (origin.TargetTime is not { } time)
        {
            return backups[0];
        }

        var (first, last) = (backups.Min(b => b.EndedAt), BackupService.Last(instance, backups));
        return time < first || time > last
            ? throw new ExternalSystemException(
                ExternalFailure.Invalid,
                $"The time cannot be restored; the nearest one is {ServerConfiguration.FormatTime(time < first ? first : last)}."
            )
            : backups.First(b => b.EndedAt <= time);
    }

    // The source may be worked on by another call; what it has archived so far is then enough.
    private async Task<Instance?> MarkAsync(InstanceFolder folder, CancellationToken cancel)
    {
        using var turn = await store.TryLockAsync(folder.Key, SourceTimeout, cancel);
        return turn is not null && folder.Read() is { } current ? await WalArchive.MarkAsync(folder, current, cancel) : null;
    }

    private (InstanceFolder Folder, Instance Instance) Source(DatabaseOrigin origin)
    {
        var folder = store.FolderOf(origin.SourceKey);
        return folder.Read() is { } instance
            ? (folder, instance)
            : throw new ExternalSystemException(ExternalFailure.NotFound, $"{origin.SourceName} does not exist on this machine.");
    }

    private static void CopyFiles(
        string source,
        string target,
        InstanceBackup backup,
        PostgresInstallation installation,
        CancellationToken cancel
    )
    {
        foreach (var name in backup.Folders.Concat(RequiredFolders).Distinct(StringComparer.Ordinal))
        {
            installation.User.CreatePrivateDirectory(Path.Combine(target, name));
        }

        var parallel = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = 2 };
        try
        {
            Parallel.ForEach(backup.Files, parallel, file => CopyOne(source, target, file, installation));
        }
        catch (AggregateException e) when (e.InnerExceptions.FirstOrDefault(i => i is not OperationCanceledException) is { } first)
        {
            throw first is ExternalSystemException ? first : new IOException(first.Message, first);
        }

        var signal = Path.Combine(target, RecoverySignal);
        File.WriteAllText(signal, "");
        installation.User.ChangeOwner(signal);
    }

    private static void CopyOne(string source, string target, BackupFile file, PostgresInstallation installation)
    {
        var path = Path.Combine(target, file.Path);
        BackupFile copy;
        try
        {
            copy = FileCopy.Copy(Path.Combine(source, file.Path), path, file.Path);
        }
        catch (FileNotFoundException)
        {
            throw new ExternalSystemException(ExternalFailure.Unknown, $"The backup is damaged: {file.Path} is missing.");
        }

        if (copy != file)
        {
            throw new ExternalSystemException(ExternalFailure.Unknown, $"The backup is damaged: the checksum of {file.Path} differs.");
        }

        installation.User.ChangeOwner(path);
    }

    [GeneratedRegex(
        @"last completed transaction was at log time (?<at>[0-9-]+ [0-9:.]+(\+00)?)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex LastCommitRegex();
}
