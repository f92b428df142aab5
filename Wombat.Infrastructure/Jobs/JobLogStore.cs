using Npgsql;
using Wombat.Application.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Blocks of whole log lines. A block lies in the table as the JSON that a stream sends.</summary>
public sealed class JobLogStore(NpgsqlDataSource database) : IJobLogReader
{
    public async Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select last_number, line_count, lines from job_log_blocks where job_id = $1 and last_number > $2 order by last_number limit $3"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var blocks = new List<LogBlock>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var count = reader.GetInt32(1);
            blocks.Add(new LogBlock(reader.GetInt64(0) - count + 1, count, reader.GetString(2)));
        }

        return blocks;
    }

    /// <summary>The last line's number and the bytes of all lines.</summary>
    public async Task<(long LastNumber, long Bytes)> MeasureAsync(Guid jobId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select coalesce(max(last_number), 0), coalesce(sum(octet_length(lines)), 0)::bigint from job_log_blocks where job_id = $1"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>
    /// Stores a block if <paramref name="worker"/> still holds that attempt. Repeating a call whose answer was not heard
    /// stores nothing twice. False when the attempt is no longer held.
    /// </summary>
    internal async Task<bool> AppendAsync(ClaimedJob job, Guid worker, LogBlock block, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            with held as (select 1 from jobs where id = $1 and worker = $5 and attempt = $6 and state = 'running'),
                 stored as (insert into job_log_blocks (job_id, last_number, line_count, lines) select $1, $2, $3, $4 from held on conflict do nothing returning 1)
            select exists (select 1 from stored) or exists (select 1 from held, job_log_blocks b where b.job_id = $1 and b.last_number = $2 and b.lines = $4)
            """
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.Id });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = block.LastNumber });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = block.Count });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = block.Json });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = job.Attempt });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }
}
