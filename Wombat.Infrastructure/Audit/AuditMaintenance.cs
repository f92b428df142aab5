using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Audit;

/// <summary>What the audit needs once in a while, done by whoever leads the sequencer: months to write into, a signed head for each day, and the end of what need not be kept.</summary>
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
    private const int ClearedAtOnce = 20_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMinutes(1);

    /// <summary>Does what is due now, and again on each new day; what fails is tried again in a minute. Ends when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        DateOnly? done = null;
        while (true)
        {
            var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            try
            {
                if (done != today)
                {
                    await EnsurePartitionsAsync(cancel);
                    var isSigned = await SignAsync(cancel);
                    await DropOldAsync(cancel);

                    // Before the first event there is nothing to sign; it is looked for again in a minute.
                    done = isSigned ? today : null;
                }
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                log.LogWarning("The audit cannot be kept now, and is again in a minute: {Error}", e.Message);
            }

            await Task.Delay(PollInterval, clock, cancel);
        }
    }

    /// <summary>Partitions for this month and those that come; before anything is written.</summary>
    public async Task EnsurePartitionsAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var command = database.CreateCommand(
            "select ensure_event_partition(($1::date + make_interval(months => n))::date) from generate_series(0, $2) n"
        );
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = new DateOnly(now.Year, now.Month, 1) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MonthsAhead });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Signs where the chain stands today; the first signature of a day stands. False before the first event.</summary>
    public async Task<bool> SignAsync(CancellationToken cancel)
    {
        var (position, hash) = await StandAsync(cancel);
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

    // A file that is ahead of the database is kept: it is what shows that heads are gone.
    private void Remember(StoredHead signed)
    {
        try
        {
            if (heads.Remembered() is { } known && known.Number >= signed.Head.Number)
            {
                log.LogError(
                    "The audit's head {Number} is gone from the database: it was restored from an older dump, or heads were removed. Delete {File} to accept the database as it is",
                    known.Number,
                    key.HeadFile
                );
                return;
            }

            heads.Remember(signed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("The audit's last head cannot be kept beside its key: {Error}", e.Message);
        }
    }

    /// <summary>
    /// Drops the months that have wholly passed the retention, if one is configured. The chain then begins at a signed floor.
    /// A month that someone reads is left for later: whoever waits to drop it has all writers wait behind.
    /// </summary>
    /// <exception cref="PostgresException">A month is read at this moment.</exception>
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

    private async Task<List<DateOnly>> MonthsAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select to_date(substring(c.relname from 8), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'events'::regclass and c.relname ~ '^events_\\d{4}_\\d{2}$' order by 1"
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var months = new List<DateOnly>();
        while (await reader.ReadAsync(cancel))
        {
            months.Add(reader.GetFieldValue<DateOnly>(0));
        }

        return months;
    }

    private async Task DropAsync(DateOnly month, CancellationToken cancel)
    {
        // The name comes from the catalogue and is a month's by the pattern above.
        var table = $"events_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";
        await using var connection = await database.OpenConnectionAsync(cancel);
        var floor = await FloorAsync(connection, table, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var drop = new NpgsqlCommand($"set local lock_timeout = '2s'; drop table {table}", connection);
        await drop.ExecuteNonQueryAsync(cancel);
        if (floor is not null)
        {
            await RaiseFloorAsync(connection, floor, cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    // Where the chain begins without the month; null where it holds nothing.
    private static async Task<AuditHead?> FloorAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        await using var last = new NpgsqlCommand(
            $"select p.position, p.hash from event_positions p join {table} e on e.id = p.event_id order by p.position desc limit 1",
            connection
        )
        {
            CommandTimeout = LongTimeout,
        };
        await using var reader = await last.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new AuditHead("floor", "", reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    private async Task RaiseFloorAsync(NpgsqlConnection connection, AuditHead floor, CancellationToken cancel)
    {
        await using var raise = new NpgsqlCommand(
            "update event_sequencer set floor_position = $1, floor_hash = $2, floor_key = $3, floor_signature = $4 where floor_position < $1",
            connection
        );
        raise.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floor.Position });
        raise.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = floor.Hash });
        raise.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        raise.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key.Sign(floor) });
        await raise.ExecuteNonQueryAsync(cancel);
    }

    // Little by little, so that the sequencer never waits for it; what a crash leaves is cleared the next day.
    private async Task ClearPositionsAsync(CancellationToken cancel)
    {
        await using var clear = database.CreateCommand(
            "delete from event_positions where position <= (select max(position) from (select position from event_positions where position <= (select floor_position from event_sequencer) order by position limit $1) first)"
        );
        clear.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ClearedAtOnce });
        while (await clear.ExecuteNonQueryAsync(cancel) == ClearedAtOnce) { }
    }

    private async Task<(long Position, byte[] Hash)> StandAsync(CancellationToken cancel)
    {
        await using var stand = database.CreateCommand("select position, hash from event_sequencer");
        await using var reader = await stand.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
    }
}
