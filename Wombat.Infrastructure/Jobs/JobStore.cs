using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The worker's access to the jobs table, in plain SQL, because ending jobs is a hot path like claiming them.</summary>
public sealed class JobStore(NpgsqlDataSource database)
{
    /// <summary>Ends jobs without other changes to save in one statement. Jobs that are no longer held are skipped.</summary>
    public Task SucceedAsync(Guid worker, Guid[] ids, CancellationToken cancel) =>
        ExecuteAsync(
            "update jobs set state = 'succeeded', finished_at = now(), lease_until = null, progress = 100 where id = any($2) and worker = $1 and state = 'running'",
            cancel,
            Value(worker),
            Value(ids)
        );

    /// <summary>Ends one job in the caller's transaction. Returns false if this worker no longer holds the attempt.</summary>
    internal static async Task<bool> EndAsync(
        NpgsqlConnection connection,
        Guid worker,
        ClaimedJob job,
        JobState state,
        JobError? error,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(
            """
            update jobs set state = $4, error = $5, finished_at = now(), lease_until = null, cancel_requested = false, progress = case when $4 = 'succeeded' then 100 else progress end
            where id = $1 and worker = $2 and attempt = $3 and state = 'running'
            """,
            connection
        )
        {
            Parameters = { Value(job.Id), Value(worker), Value(job.Attempt), Value(Word(state)), Json(error) },
        };
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Makes the job wait for its next attempt.</summary>
    public Task<bool> WaitForRetryAsync(Guid worker, ClaimedJob job, TimeSpan delay, JobError error, CancellationToken cancel) =>
        ChangeHeldAsync("state = 'waiting_retry', run_at = now() + $4, error = $5", worker, job, cancel, Value(delay), Json(error));

    /// <summary>Returns the job to the queue without counting the attempt: snoozed, or unfinished at shutdown.</summary>
    public Task<bool> ReleaseAsync(Guid worker, ClaimedJob job, TimeSpan delay, short? progress, CancellationToken cancel) =>
        ChangeHeldAsync(
            "state = 'queued', attempt = attempt - 1, run_at = now() + $4, progress = coalesce($5, progress)",
            worker,
            job,
            cancel,
            Value(delay),
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Smallint, Value = (object?)progress ?? DBNull.Value }
        );

    /// <summary>Renews the leases and returns the jobs that are still held. Skips locked rows, which count as held and are renewed by the next call.</summary>
    public async Task<IReadOnlyDictionary<Guid, (bool IsRenewed, bool CancelRequested)>> HeartbeatAsync(
        Guid worker,
        Guid[] ids,
        TimeSpan lease,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(
            """
            with free as (select id from jobs where id = any($2) and worker = $1 and state = 'running' for no key update skip locked),
                renewed as (update jobs j set lease_until = now() + $3 from free where j.id = free.id returning j.id)
            select j.id, r.id is not null, cancel_requested from jobs j left join renewed r on r.id = j.id where j.id = any($2) and worker = $1 and state = 'running'
            """
        );
        command.Parameters.AddRange(new NpgsqlParameter[] { Value(worker), Value(ids), Value(lease) });
        var held = new Dictionary<Guid, (bool, bool)>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            held[reader.GetGuid(0)] = (reader.GetBoolean(1), reader.GetBoolean(2));
        }

        return held;
    }

    /// <summary>Returns jobs of dead workers to the queue. The next claim of a job that has no attempt left, or is not repeatable, ends it.</summary>
    public Task<int> RescueAsync(CancellationToken cancel) =>
        ExecuteAsync(
            """
            with dead as (select id from jobs where state = 'running' and lease_until < now() - interval '1 second' for no key update skip locked)
            update jobs j set state = 'queued', worker = null, lease_until = null, run_at = now(),
                max_attempts = case when is_repeatable then max_attempts else attempt end
            from dead where j.id = dead.id
            """,
            cancel
        );

    /// <summary>Records why the waiting jobs of a host's resources wait. The next claim clears it.</summary>
    public Task<int> WaitForHostAsync(Guid host, JobError error, CancellationToken cancel) =>
        ExecuteAsync(
            """
            update jobs j set error = $2 from resources r
            where r.host_id = $1 and r.status <> 'deleted' and j.resource_id = r.id and j.state in ('queued', 'waiting_retry') and j.error is distinct from $2
            """,
            cancel,
            Value(host),
            Json(error)
        );

    /// <summary>The number of waiting and running jobs by state, and the age of the oldest job that is ready to run.</summary>
    public async Task<(IReadOnlyDictionary<string, long> ByState, double OldestSeconds)> MeasureAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            select state, count(*), coalesce(max(extract(epoch from now() - run_at)) filter (where state = 'queued'), 0)::float8
            from jobs where state in ('queued', 'waiting_retry') group by state
            union all select state, count(*), 0 from jobs where state = 'running' group by state
            """
        );
        var states = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["queued"] = 0,
            ["waiting_retry"] = 0,
            ["running"] = 0,
        };
        var oldest = 0.0;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            states[reader.GetString(0)] = reader.GetInt64(1);
            oldest = Math.Max(oldest, reader.GetDouble(2));
        }

        return (states, Math.Max(0, oldest));
    }

    private async Task<bool> ChangeHeldAsync(
        string set,
        Guid worker,
        ClaimedJob job,
        CancellationToken cancel,
        params NpgsqlParameter[] more
    ) =>
        await ExecuteAsync(
            $"update jobs set {set}, worker = null, lease_until = null where id = $1 and worker = $2 and attempt = $3 and state = 'running'",
            cancel,
            [Value(job.Id), Value(worker), Value(job.Attempt), .. more]
        ) == 1;

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    // The same format as EF Core's JSON of Job.Error.
    private static NpgsqlParameter Json(JobError? error) =>
        new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = error is null ? DBNull.Value : JsonSerializer.Serialize(error) };

    private static string Word(JobState state) => Application.Common.FieldNames.Snake(state.ToString());
}
