using Npgsql;
using NpgsqlTypes;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Reads and writes the table of log blocks, which has the text of a block and the metadata of its lines.</summary>
public sealed class JobLogStore : IJobLogReader
{
    private const string Columns = "last_number, line_count, started_at, text, metadata";

    private const string ReadSql =
        $"select {Columns} from job_log_blocks where job_id = $1 and last_number > $2 order by last_number limit $3";

    private const string OutcomeSql =
        "select state, error->>'Code', error->>'Message', (error->>'Retryable')::boolean from jobs where id = $1";

    // The attempt must still hold the job. A call that is repeated because its answer was lost stores nothing twice.
    private const string AppendSql = """
        with held as (select 1 from jobs where id = $1 and worker = $7 and attempt = $8 and state = 'running'),
             stored as (
                insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
                select $1, $2, $3, $4, $5, $6 from held on conflict do nothing returning 1)
        select exists (select 1 from stored)
            or exists (select 1 from held, job_log_blocks b where b.job_id = $1 and b.last_number = $2 and b.text = $5 and b.metadata = $6)
        """;

    // A text that an escape sequence interrupts is found as well. The rule of comparison does not depend on the database.
    private const string CandidatesSql = $"{CandidatesBegin} (b.text collate \"C\") like $2 {CandidatesEnd}";
    private const string CandidatesOfAnyCaseSql = $"{CandidatesBegin} (b.text collate \"C\") ilike $2 {CandidatesEnd}";

    private const string CandidatesBegin = """
        select j.id, found.first, (select max(last_number) from job_log_blocks b where b.job_id = j.id)
        from unnest($1::uuid[]) j(id) cross join lateral (
            select b.last_number - b.line_count + 1 as first from job_log_blocks b
            where b.job_id = j.id and (position(chr(27) in b.text) > 0 or
        """;

    private const string CandidatesEnd = ") order by b.last_number limit 1) found";

    private readonly NpgsqlDataSource database;
    private readonly CallGroup<Append, bool> appends;
    private readonly CallGroup<ReadOn, (JobOutcome, IReadOnlyList<LogBlock>)?> reads;

    public JobLogStore(NpgsqlDataSource database)
    {
        this.database = database;
        appends = new(AppendAsync, a => a.Blocks.Sum(b => b.Text.Length));
        reads = new(ReadOnAsync);
    }

    public Task<IReadOnlyList<LogBlock>> ReadAsync(Guid jobId, long after, int limit, CancellationToken cancel) =>
        ReadAsync(ReadSql, cancel, Value(jobId), Value(after), Value(limit));

    public Task<(JobOutcome Outcome, IReadOnlyList<LogBlock> Blocks)?> ReadOnAsync(
        Guid jobId,
        long after,
        int limit,
        CancellationToken cancel
    ) => reads.CallAsync(new ReadOn(jobId, after, limit)).WaitAsync(cancel);

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
        await using var command = database.CreateCommand(OutcomeSql);
        command.Parameters.Add(Value(jobId));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await ReadOutcomeAsync(reader, cancel);
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

    public async Task<IReadOnlyList<LogCandidate>> FindCandidatesAsync(
        IReadOnlyList<Guid> jobIds,
        string text,
        bool isCaseSensitive,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(isCaseSensitive ? CandidatesSql : CandidatesOfAnyCaseSql);
        command.Parameters.Add(Value(jobIds.ToArray()));
        command.Parameters.Add(Value(LikePattern.Containing(text)));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<LogCandidate>();
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new LogCandidate(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return found;
    }

    /// <summary>
    /// Stores blocks in one transaction, which may also hold those of other logs. Returns false if <paramref name="worker"/> no longer
    /// holds this attempt.
    /// </summary>
    internal Task<bool> AppendAsync(ClaimedJob job, Guid worker, IReadOnlyList<LogBlock> blocks, CancellationToken cancel) =>
        appends.CallAsync(new Append(job, worker, blocks)).WaitAsync(cancel);

    private async Task<IReadOnlyList<bool>> AppendAsync(IReadOnlyList<Append> calls)
    {
        await using var batch = database.CreateBatch();
        foreach (var (job, worker, blocks) in calls)
        {
            foreach (var block in blocks)
            {
                batch.BatchCommands.Add(AppendCommand(job, worker, block));
            }
        }

        await using var reader = await batch.ExecuteReaderAsync();
        var answers = new List<bool>();
        foreach (var call in calls)
        {
            var isStored = true;
            for (var i = 0; i < call.Blocks.Count; i++)
            {
                isStored &= await reader.ReadAsync() && reader.GetBoolean(0);
                await reader.NextResultAsync();
            }

            answers.Add(isStored);
        }

        return answers;
    }

    private static NpgsqlBatchCommand AppendCommand(ClaimedJob job, Guid worker, LogBlock block) =>
        new(AppendSql)
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
        };

    private async Task<IReadOnlyList<(JobOutcome, IReadOnlyList<LogBlock>)?>> ReadOnAsync(IReadOnlyList<ReadOn> calls)
    {
        await using var batch = database.CreateBatch();
        foreach (var (jobId, after, limit) in calls)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(OutcomeSql) { Parameters = { Value(jobId) } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadSql) { Parameters = { Value(jobId), Value(after), Value(limit) } });
        }

        await using var reader = await batch.ExecuteReaderAsync();
        var answers = new List<(JobOutcome, IReadOnlyList<LogBlock>)?>();
        foreach (var _ in calls)
        {
            var outcome = await ReadOutcomeAsync(reader, CancellationToken.None);
            await reader.NextResultAsync();
            var blocks = await ReadBlocksAsync(reader, CancellationToken.None);
            await reader.NextResultAsync();
            answers.Add(outcome is null ? null : (outcome, blocks));
        }

        return answers;
    }

    private async Task<IReadOnlyList<LogBlock>> ReadAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await ReadBlocksAsync(reader, cancel);
    }

    private static async Task<IReadOnlyList<LogBlock>> ReadBlocksAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var blocks = new List<LogBlock>();
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

    private static async Task<JobOutcome?> ReadOutcomeAsync(NpgsqlDataReader reader, CancellationToken cancel) =>
        await reader.ReadAsync(cancel)
            ? new JobOutcome(SnakeCaseEnumConverter<JobState>.Parse(reader.GetString(0)), ReadError(reader))
            : null;

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

    private sealed record Append(ClaimedJob Job, Guid Worker, IReadOnlyList<LogBlock> Blocks);

    private sealed record ReadOn(Guid JobId, long After, int Limit);
}
