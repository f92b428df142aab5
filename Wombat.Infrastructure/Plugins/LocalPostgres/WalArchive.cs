using System.Buffers;
using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The WAL archive of a database: what can be restored with it, and what is no longer needed.</summary>
internal static class WalArchive
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEF");
    private const int TimelineLength = 8;
    private const int SegmentNameLength = 24;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Commits a transaction and waits until it is archived, so that everything before it can be restored. Only looks when nothing was
    /// committed since the last time.
    /// </summary>
    /// <returns>The database with the time of the last restorable commit; unchanged when the archive is not writable now.</returns>
    public static async Task<Instance> MarkAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        // Without a backup in this archive, nothing in it can be restored.
        if (
            instance.Frozen is not null
            || !InstanceRunner.IsRunning(folder)
            || !new BackupCatalog(folder).HasBackupIn(instance.ArchiveName)
        )
        {
            return instance;
        }

        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel);
        var at = await connection.GetTimeAsync(cancel);
        if (await IsQuietAsync(connection, instance, cancel))
        {
            return folder.Update(instance, i => i with { LastRestorableAt = at });
        }

        var mark = await connection.ScalarAsync<long>($"select pg_current_xact_id()::text::bigint", cancel);
        var segment = await connection.ScalarAsync<string>($"select pg_walfile_name(pg_current_wal_insert_lsn())", cancel);
        await connection.ExecuteAsync($"select pg_switch_wal()", cancel);
        return await ArrivesAsync(Path.Combine(folder.ArchiveOf(instance), segment!), cancel)
            ? folder.Update(instance, i => i with { LastRestorableAt = at, LastRestorableXid = mark + 1 })
            : instance;
    }

    // Other writes, such as those of checkpoints, would make each mark the reason of the next one.
    private static async Task<bool> IsQuietAsync(NpgsqlConnection connection, Instance instance, CancellationToken cancel)
    {
        var transactions = await connection.QueryAsync(
            $"select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint from pg_current_snapshot() s",
            r => (Oldest: r.GetInt64(0), Next: r.GetInt64(1)),
            cancel
        );
        return transactions is [var (oldest, next)] && oldest == next && next == instance.LastRestorableXid;
    }

    /// <summary>Removes the segments before the first one that a backup needs, and archives that no backup needs.</summary>
    /// <param name="kept">The backups that are kept.</param>
    public static void Prune(InstanceFolder folder, Instance instance, IReadOnlyList<InstanceBackup> kept)
    {
        foreach (var archive in Directory.Exists(folder.Archives) ? Directory.GetDirectories(folder.Archives) : [])
        {
            var name = Path.GetFileName(archive);
            var firsts = kept.Where(b => b.Archive == name).Select(b => b.FirstSegment[TimelineLength..]).ToList();
            if (firsts.Count > 0)
            {
                RemoveBefore(archive, firsts.Min(StringComparer.Ordinal)!);
            }
            else if (name != instance.ArchiveName)
            {
                DataDirectory.Remove(archive);
            }
        }
    }

    /// <summary>Removes segments that no backup continues with, where no backup exists.</summary>
    public static void PruneWithoutBackup(InstanceFolder folder, Instance instance, DateTimeOffset writtenBefore)
    {
        var archive = folder.ArchiveOf(instance);
        foreach (var file in Directory.Exists(archive) ? Directory.GetFiles(archive) : [])
        {
            if (IsSegment(file) && File.GetLastWriteTimeUtc(file) < writtenBefore.UtcDateTime)
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Why segments are not archived; null while they are.</summary>
    public static string? Problem(InstanceFolder folder, DateTimeOffset now)
    {
        var status = Path.Combine(folder.Data, "pg_wal", "archive_status");
        try
        {
            var waiting = Directory.GetFiles(status, "*.ready");
            return waiting.Length > 0 && waiting.Min(File.GetLastWriteTimeUtc) < (now - LateAfter).UtcDateTime
                ? $"{waiting.Length} WAL segments wait to be archived; see the log of the server on this machine."
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void RemoveBefore(string archive, string first)
    {
        foreach (var file in Directory.GetFiles(archive))
        {
            if (IsSegment(file) && string.CompareOrdinal(Path.GetFileName(file)[TimelineLength..SegmentNameLength], first) < 0)
            {
                File.Delete(file);
            }
        }
    }

    // Also the history file of a backup, whose name begins with that of a segment.
    private static bool IsSegment(string file) =>
        Path.GetFileName(file) is { Length: >= SegmentNameLength } name
        && name.AsSpan(0, SegmentNameLength).IndexOfAnyExcept(HexDigits) < 0;

    private static async Task<bool> ArrivesAsync(string file, CancellationToken cancel)
    {
        var from = TimeProvider.System.GetTimestamp();
        while (!File.Exists(file))
        {
            if (TimeProvider.System.GetElapsedTime(from) > Wait)
            {
                return false;
            }

            await Task.Delay(PollInterval, cancel);
        }

        return true;
    }
}
