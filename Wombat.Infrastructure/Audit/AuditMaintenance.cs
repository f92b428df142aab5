using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// The daily work of the audit, done by the leader of the event sequencer: partitions for the next months, a signed head for each day,
/// and the removal of months past the retention.
/// </summary>
public sealed class AuditMaintenance(
    NpgsqlDataSource database,
    AuditKey key,
    AuditHeads heads,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<AuditMaintenance> log
)
{
    private const int MonthsAhead = 2;

    // Seconds; a month may hold tens of millions of events.
    private const int LongTimeout = 3600;
    private const int ClearBatchSize = 20_000;

    private DateOnly? doneFor;

    /// <summary>Does once a day what is due that day; a later call on the same day does nothing.</summary>
    public async Task RunDailyAsync(CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (doneFor == today)
        {
            return;
        }

        await EnsurePartitionsAsync(cancel);
        var isSigned = await SignAsync(cancel);
        await DropOldAsync(cancel);

        // Before the first event there is nothing to sign.
        doneFor = isSigned ? today : null;
    }

    /// <summary>Creates the partitions for this month and the next ones. Must run before events are written.</summary>
    public Task EnsurePartitionsAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var month = new DateOnly(now.Year, now.Month, 1);
        return database.ExecuteAsync(
            $"select ensure_event_partition(({month}::date + make_interval(months => n))::date) from generate_series(0, {MonthsAhead}) n",
            cancel
        );
    }

    /// <summary>Signs the head of today unless today already has one. Returns false if there are no events.</summary>
    public async Task<bool> SignAsync(CancellationToken cancel)
    {
        var (position, hash) = await ReadHeadAsync(cancel);
        if (position == 0)
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var last = await heads.LastAsync(cancel);
        var head = new AuditHead(
            "day",
            now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            position,
            hash,
            (last?.Head.Number ?? 0) + 1,
            last?.Digest() ?? []
        );
        var signed = new StoredHead(head, key.Id, key.Sign(head));
        if (await heads.AddAsync(signed, now, cancel))
        {
            Remember(signed);
        }

        return true;
    }

    // Keeps a file that is ahead of the database: it is the evidence that heads are missing.
    private void Remember(StoredHead signed)
    {
        try
        {
            if (heads.Remembered() is { } known && known.Number >= signed.Head.Number)
            {
                log.LogError(
                    "Head {Number} of the audit log is missing in the database: the database was restored from an older backup, "
                        + "or heads were removed. Delete {File} to accept the database as it is",
                    known.Number,
                    key.HeadFile
                );
                return;
            }

            heads.Remember(signed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("Cannot write the last head of the audit log to the file next to its key: {Error}", e.Message);
        }
    }

    /// <summary>
    /// Drops the months that exceed the retention completely, if a retention is configured. The chain then starts at a signed floor.
    /// A month that is being read is dropped later, because waiting for its lock would block all writers.
    /// </summary>
    /// <exception cref="PostgresException">A month is being read (lock timeout).</exception>
    public async Task DropOldAsync(CancellationToken cancel)
    {
        if (settings.Audit.Retention is not { } retention)
        {
            return;
        }

        var limit = clock.GetUtcNow() - retention;
        foreach (var month in await MonthsAsync(cancel))
        {
            if (month.AddMonths(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) <= limit.UtcDateTime)
            {
                await DropAsync(month, cancel);
                log.LogInformation("The audit of {Month:yyyy-MM} is past its retention and was dropped", month);
            }
        }

        await ClearPositionsAsync(cancel);
    }

    private Task<List<DateOnly>> MonthsAsync(CancellationToken cancel) =>
        database.QueryAsync(
            $"""
            select to_date(substring(c.relname from 8), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'events'::regclass and c.relname ~ '^events_[0-9]+_[0-9]+$' order by 1
            """,
            r => r.GetFieldValue<DateOnly>(0),
            cancel
        );

    private async Task DropAsync(DateOnly month, CancellationToken cancel)
    {
        var table = new SqlName($"events_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}");
        await using var connection = await database.OpenConnectionAsync(cancel);
        var floor = await FloorAsync(connection, table, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync($"set local lock_timeout = '2s'", cancel);
        await connection.ExecuteAsync($"drop table {table}", cancel);
        if (floor is not null)
        {
            await connection.ExecuteAsync(
                $"""
                update event_sequencer set floor_position = {floor.Position}, floor_hash = {floor.Hash}, floor_key = {key.Id},
                    floor_signature = {key.Sign(
                    floor
                )}
                where floor_position < {floor.Position}
                """,
                cancel
            );
        }

        await transaction.CommitAsync(cancel);
    }

    // The position and hash at which the chain begins without the month; null if the month has no events.
    private static async Task<AuditHead?> FloorAsync(NpgsqlConnection connection, SqlName table, CancellationToken cancel)
    {
        var last = await connection.QueryAsync(
            $"select p.position, p.hash from event_positions p join {table} e on e.id = p.event_id order by p.position desc limit 1",
            r => new AuditHead("floor", "", r.GetInt64(0), r.GetFieldValue<byte[]>(1)),
            cancel,
            LongTimeout
        );
        return last.FirstOrDefault();
    }

    // In small steps, so that the sequencer never waits for it; what a crash leaves is deleted the next day.
    private async Task ClearPositionsAsync(CancellationToken cancel)
    {
        int deleted;
        do
        {
            deleted = await database.ExecuteAsync(
                $"""
                delete from event_positions where position <= (
                    select max(position) from (
                        select position from event_positions where position <= (select floor_position from event_sequencer)
                        order by position limit {ClearBatchSize}) first)
                """,
                cancel
            );
        } while (deleted == ClearBatchSize);
    }

    private async Task<(long Position, byte[] Hash)> ReadHeadAsync(CancellationToken cancel) =>
        (
            await database.QueryAsync(
                $"select position, hash from event_sequencer",
                r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)),
                cancel
            )
        )[0];
}
