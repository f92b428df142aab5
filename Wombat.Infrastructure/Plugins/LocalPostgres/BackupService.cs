using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Makes and lists backups.</summary>
internal sealed class BackupService(LocalPostgresOptions options, TimeProvider clock)
{
    private const string ControlFile = "global/pg_control";

    // Their contents are not part of a backup; the folders are.
    private static readonly string[] EmptyFolders =
    [
        "pg_wal",
        "pg_replslot",
        "pg_dynshmem",
        "pg_notify",
        "pg_serial",
        "pg_snapshots",
        "pg_stat_tmp",
        "pg_subtrans",
    ];

    // Written by Wombat for each start, or only meaningful to the running server.
    private static readonly string[] SkippedFiles =
    [
        "postmaster.pid",
        "postmaster.opts",
        "backup_label",
        "tablespace_map",
        "postgresql.auto.conf",
        "recovery.signal",
        "standby.signal",
        "postgresql.conf",
        "pg_hba.conf",
        "pg_ident.conf",
    ];

    private static readonly TimeSpan ArchiveTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The backups, and the times that can be restored as far as the metadata say.</summary>
    public static DatabaseBackups List(InstanceFolder folder, Instance instance)
    {
        var backups = new BackupCatalog(folder).ReadAll();
        return backups.Count == 0
            ? new DatabaseBackups([], null, null)
            : new DatabaseBackups([.. backups.Select(b => b.ToSummary())], backups.Min(b => b.EndedAt), Last(instance, backups));
    }

    public static DateTimeOffset Last(Instance instance, IReadOnlyList<InstanceBackup> backups)
    {
        var newest = backups.Max(b => b.EndedAt);
        return instance.LastRestorableAt is { } marked && marked > newest ? marked : newest;
    }

    /// <summary>Makes a backup and removes those that are older than the retention.</summary>
    public async Task<InstanceBackup> BackUpAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        var catalog = new BackupCatalog(folder);
        catalog.RemoveIncomplete();
        DiskUsage.EnsureFree(folder, DiskUsage.Measure(folder.Data), options, "backup");
        var backup = await CopyAsync(folder, instance, catalog, cancel);
        await log.WriteAsync($"Backup {backup.Id}: {backup.Files.Count} files, {backup.Bytes >> 20} MiB.", cancel);
        instance = folder.Update(instance, i => i with { LastBackupAt = backup.EndedAt });
        instance = await WalArchive.MarkAsync(folder, instance, cancel);
        RemoveExpired(folder, instance, catalog);
        return backup;
    }

    private async Task<InstanceBackup> CopyAsync(InstanceFolder folder, Instance instance, BackupCatalog catalog, CancellationToken cancel)
    {
        var id = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'.'fff", CultureInfo.InvariantCulture);
        var target = catalog.DataOf(id);
        PrivateFiles.EnsureFolder(folder.Backups);
        Directory.CreateDirectory(target);

        // A backup ends with its connection.
        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);
        var startedAt = await connection.GetTimeAsync(cancel);
        var first = await StartAsync(connection, id, cancel);
        var (folders, files) = await Task.Run(() => CopyFiles(folder.Data, target, cancel), cancel);
        var label = await StopAsync(connection, cancel);
        var labelFile = Path.Combine(target, "backup_label");
        await File.WriteAllTextAsync(labelFile, label, cancel);
        files.Add(Describe(labelFile));
        var endedAt = await connection.GetTimeAsync(cancel);
        var backup = new InstanceBackup(id, startedAt, endedAt, instance.Version, instance.ArchiveName, first, folders, files);
        catalog.Complete(backup);
        return backup;
    }

    private static async Task<string> StartAsync(NpgsqlConnection connection, string id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_walfile_name(pg_backup_start($1, true))", connection)
        {
            CommandTimeout = 0,
            Parameters = { new NpgsqlParameter<string> { TypedValue = id } },
        };
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }

    // Waits until the WAL of the backup is archived.
    private static async Task<string> StopAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using (var limit = new NpgsqlCommand($"set statement_timeout = '{ArchiveTimeout.TotalSeconds}s'", connection))
        {
            await limit.ExecuteNonQueryAsync(cancel);
        }

        try
        {
            await using var command = new NpgsqlCommand("select labelfile from pg_backup_stop(true)", connection) { CommandTimeout = 0 };
            return (string)(await command.ExecuteScalarAsync(cancel))!;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            throw new ExternalSystemException(
                ExternalFailure.Unavailable,
                $"The WAL of the backup was not archived within {ArchiveTimeout.TotalSeconds} s.",
                inner: e
            );
        }
    }

    private static (List<string> Folders, List<BackupFile> Files) CopyFiles(string source, string target, CancellationToken cancel)
    {
        var folders = new List<string>();
        var names = new List<string>();
        Collect(source, "", folders, names);
        foreach (var name in folders)
        {
            Directory.CreateDirectory(Path.Combine(target, name));
        }

        // The control file last, as pg_basebackup does.
        names.RemoveAll(n => n == ControlFile);
        var files = new ConcurrentBag<BackupFile>();
        var parallel = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = 2 };
        Parallel.ForEach(names, parallel, n => CopyOne(source, target, n, files));
        CopyOne(source, target, ControlFile, files);
        return (folders, [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    private static void CopyOne(string source, string target, string name, ConcurrentBag<BackupFile> files)
    {
        try
        {
            files.Add(FileCopy.Copy(Path.Combine(source, name), Path.Combine(target, name), name));
        }
        catch (FileNotFoundException)
        {
            // Dropped since the backup began; the WAL says so.
        }
    }

    private static void Collect(string root, string relative, List<string> folders, List<string> files)
    {
        var folder = new DirectoryInfo(Path.Combine(root, relative));
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            var name = relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}";
            if (entry is DirectoryInfo)
            {
                if (entry.Name.StartsWith("pgsql_tmp", StringComparison.Ordinal))
                {
                    continue;
                }

                folders.Add(name);
                if (!EmptyFolders.Contains(name, StringComparer.Ordinal))
                {
                    Collect(root, name, folders, files);
                }
            }
            else if (!IsSkipped(relative, entry.Name))
            {
                files.Add(name);
            }
        }
    }

    private static bool IsSkipped(string folder, string name) =>
        name.StartsWith("pgsql_tmp", StringComparison.Ordinal)
        || name.StartsWith("pg_internal.init", StringComparison.Ordinal)
        || (folder.Length == 0 && SkippedFiles.Contains(name, StringComparer.Ordinal));

    private static BackupFile Describe(string file)
    {
        var content = File.ReadAllBytes(file);
        return new BackupFile(
            Path.GetFileName(file),
            content.Length,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))
        );
    }

    // One that is older than the retention is kept, too: the first days cannot be restored without it.
    private void RemoveExpired(InstanceFolder folder, Instance instance, BackupCatalog catalog)
    {
        var oldest = clock.GetUtcNow() - TimeSpan.FromDays(instance.Tier.BackupRetentionDays);
        var all = catalog.ReadAll();
        var kept = all.TakeWhile(b => b.EndedAt > oldest).ToList();
        kept.AddRange(all.Skip(kept.Count).Take(1));
        foreach (var expired in all.Skip(kept.Count))
        {
            catalog.Remove(expired.Id);
        }

        WalArchive.Prune(folder, instance, kept);
    }
}
