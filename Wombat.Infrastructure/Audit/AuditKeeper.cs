using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Audit;

/// <summary>What the audit needs once in a while, done by whoever leads the sequencer: months to write into, a signed head for each day, and the end of what need not be kept.</summary>
public sealed class AuditKeeper(NpgsqlDataSource database, AuditKey key, WombatSettings settings, TimeProvider clock, ILogger<AuditKeeper> log)
{
    private const int MonthsAhead = 2;

    /// <summary>Partitions for this month and those that come; before anything is written.</summary>
    public async Task EnsurePartitionsAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var command = database.CreateCommand("select ensure_event_partition(($1::date + make_interval(months => n))::date) from generate_series(0, $2) n");
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = new DateOnly(now.Year, now.Month, 1) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MonthsAhead });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Signs where the chain stands today; the first signature of a day stands.</summary>
    public async Task SignAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var (position, hash) = await StandAsync(connection, cancel);
        if (position == 0)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        var head = new AuditHead("day", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), position, hash);
        await using var insert = new NpgsqlCommand("insert into audit_heads (day, position, hash, key_id, signature, signed_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing", connection);
        insert.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key.Sign(head) });
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await insert.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Drops the months that have wholly passed the retention, if one is configured. The chain then begins at a signed floor.</summary>
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
    }

    private async Task<List<DateOnly>> MonthsAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select to_date(substring(c.relname from 8), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'events'::regclass and c.relname ~ '^events_\\d{4}_\\d{2}$' order by 1");
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
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        // The name comes from the catalogue and is a month's by the pattern above.
        var table = $"events_{month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";
        await using (var floor = new NpgsqlCommand($"select p.position, p.hash from event_positions p join {table} e on e.id = p.event_id order by p.position desc limit 1", connection))
        {
            (long Position, byte[] Hash)? last = null;
            await using (var reader = await floor.ExecuteReaderAsync(cancel))
            {
                if (await reader.ReadAsync(cancel))
                {
                    last = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
                }
            }

            if (last is { } found)
            {
                await RaiseFloorAsync(connection, new AuditHead("floor", "", found.Position, found.Hash), cancel);
            }
        }

        await using var drop = new NpgsqlCommand($"drop table {table}", connection);
        await drop.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task RaiseFloorAsync(NpgsqlConnection connection, AuditHead floor, CancellationToken cancel)
    {
        await using var raise = new NpgsqlCommand("update event_sequencer set floor_position = $1, floor_hash = $2, floor_key = $3, floor_signature = $4", connection);
        raise.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floor.Position });
        raise.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = floor.Hash });
        raise.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        raise.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key.Sign(floor) });
        await raise.ExecuteNonQueryAsync(cancel);
        await using var clear = new NpgsqlCommand("delete from event_positions where position <= $1", connection);
        clear.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floor.Position });
        await clear.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<(long Position, byte[] Hash)> StandAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var stand = new NpgsqlCommand("select position, hash from event_sequencer", connection);
        await using var reader = await stand.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
    }
}
