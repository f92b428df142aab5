using Npgsql;
using NpgsqlTypes;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Reads and writes the table of log blocks, which has the text of a block and the metadata of its lines.</summary>
public sealed class JobLogStore(NpgsqlDataSource database) : IJobLogReader
{
    private const string Columns = "last_number, line_count, started_at, text, metadata";

    // The attempt must still hold the job. A call that is repeated because its answer was lost stores nothing twice.
    private const string AppendSql = """
        with held as (select 1 from jobs where id = $1 and worker = $7 and attempt = $8 and state = 'running'),
             stored as (
                insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
                select $1, $2, $3, $4, $5, $6 from held on conflict do nothing returning 1)
        select exists (select 1 from stored)
            or exists (select 1 from held, job_log_blocks b where b.job_id = $1 and b.last_number = $2 and b.text = $5 and b.metadata = $6)
        """;

    public Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel) =>
        ReadAsync(
            $"select {Columns} from job_log_blocks where job_id = $1 and last_number > $2 order by last_number limit $3",
            cancel,
            Value(jobId),
            Value(after),
            Value(limit)
        );

    public Task<IReadOnlyList<LogBlock>> ReadBackAsync(Guid jobId, long before, int limit, CancellationToken cancel) =>
        ReadAsync(
            $"""
            select {Columns} from job_log_blocks
            where job_id = $1 and last_number <= coalesce((select min(last_number) from job_log_blocks where job_id = $1
                and last_number >= $2 - 1), $2)
                and last_number - line_count + 1 < $2
            order by last_number desc limit $3
            """,
            cancel,
            Value(jobId),
            Value(before),
            Value(limit)
        );

    public Task<long> LastNumberAsync(Guid jobId, CancellationToken cancel) =>
        database.ScalarAsync<long>($"select coalesce(max(last_number), 0) from job_log_blocks where job_id = {jobId}", cancel);

    public async Task<JobOutcome?> OutcomeAsync(Guid jobId, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(
            $"select state, error->>'Code', error->>'Message', (error->>'Retryable')::boolean from jobs where id = {jobId}",
            r => new JobOutcome(SnakeCaseEnumConverter<JobState>.Parse(r.GetString(0)), ReadError(r)),
            cancel
        );
        return rows.Count > 0 ? rows[0] : null;
    }

    /// <summary>Returns the number of the last line and the size of all lines in bytes, as limits count it.</summary>
    public async Task<(long LastNumber, long Bytes)> MeasureAsync(Guid jobId, CancellationToken cancel)
    {
        var rows = await database.QueryAsync(
            $"""
            select coalesce(max(last_number), 0), coalesce(sum(octet_length(text)) + sum(line_count) * {LogBlock.LineOverhead}, 0)::bigint
            from job_log_blocks where job_id = {jobId}
            """,
            r => (r.GetInt64(0), r.GetInt64(1)),
            cancel
        );
        return rows[0];
    }

    /// <summary>Stores blocks in one transaction. Returns false if <paramref name="worker"/> no longer holds this attempt.</summary>
    internal async Task<bool> AppendAsync(ClaimedJob job, Guid worker, IReadOnlyList<LogBlock> blocks, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var block in blocks)
        {
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand(AppendSql)
                {
                    Parameters =
                    {
                        Value(job.Id),
                        Value(block.LastNumber),
                        Value(block.Count),
                        Value(block.StartedAt),
                        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = block.Text, NpgsqlDbType = NpgsqlDbType.Text },
                        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = block.Metadata, NpgsqlDbType = NpgsqlDbType.Bytea },
                        Value(worker),
                        Value(job.Attempt),
                    },
                }
            );
        }

        var isStored = true;
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        do
        {
            isStored &= await reader.ReadAsync(cancel) && reader.GetBoolean(0);
        } while (await reader.NextResultAsync(cancel));

        return isStored;
    }

    private async Task<IReadOnlyList<LogBlock>> ReadAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        var blocks = new List<LogBlock>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var count = reader.GetInt32(1);
            blocks.Add(
                new LogBlock(
                    reader.GetInt64(0) - count + 1,
                    count,
                    reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetFieldValue<byte[]>(3),
                    reader.GetFieldValue<byte[]>(4)
                )
            );
        }

        return blocks;
    }

    private static JobErrorDto? ReadError(NpgsqlDataReader reader) =>
        reader.IsDBNull(1)
            ? null
            : new JobErrorDto
            {
                Code = reader.GetString(1),
                Message = reader.GetString(2),
                Retryable = reader.GetBoolean(3),
            };

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
