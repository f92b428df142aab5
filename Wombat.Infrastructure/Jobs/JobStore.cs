using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The worker's side of the jobs table, in SQL of its own: claims and ends are the hot path.</summary>
public sealed class JobStore(NpgsqlDataSource database)
{
    // Projects that one claim looks at; with more waiting, the next claim goes on behind the last one.
    private const int ProjectsPerClaim = 32;

    // Jobs without a project share a key of their own, so that they get their turn like a project.
    internal static readonly Guid NoProject = Guid.AllBitsSet;

    // Fair between projects: a loose index scan finds the projects that have waiting jobs, a lateral takes of each an equal
    // share of the batch, and the batch is filled rank by rank. Of one resource only the oldest unfinished job qualifies.
    // A claim need not wait for the disk: should PostgreSQL crash, the job is waiting again, as after any lost lease.
    private const string ClaimSql = """
        with recursive lazy as materialized (select set_config('synchronous_commit', 'off', true) as done
        ), waiting(project, n) as (
            (select coalesce(project_id, $6), 1 from jobs
             where queue = $1 and state in ('queued', 'waiting_retry') and coalesce(project_id, $6) > $2
             order by coalesce(project_id, $6) limit 1)
            union all
            select (select coalesce(j.project_id, $6) from jobs j
                    where j.queue = $1 and j.state in ('queued', 'waiting_retry') and coalesce(j.project_id, $6) > w.project
                    order by coalesce(j.project_id, $6) limit 1), w.n + 1
            from waiting w where w.project is not null and w.n < $7
        ), turn as materialized (
            select w.project, w.n, ceil($3::float8 / count(*) over ())::int as share from waiting w, lazy where w.project is not null and w.project <> all($8) and lazy.done is not null
        ), picked as materialized (
            select c.id, c.rank, w.n, w.project, w.share
            from turn w cross join lateral (
                select f.id, row_number() over () as rank from (
                    select j.id from jobs j
                    where j.queue = $1 and j.state in ('queued', 'waiting_retry') and coalesce(j.project_id, $6) = w.project and j.run_at <= now()
                      and (j.resource_id is null or not exists (
                          select 1 from jobs e
                          where e.resource_id = j.resource_id and e.state in ('queued', 'waiting_retry', 'running') and (e.state = 'running' or e.id < j.id) and e.id <> j.id))
                    order by j.priority, j.run_at, j.id limit w.share for update skip locked) f) c
            order by c.rank, w.n limit $3
        )
        update jobs set state = 'running', attempt = attempt + 1, worker = $4, lease_until = now() + $5, started_at = coalesce(started_at, now()), error = null
        from picked where jobs.id = picked.id
        returning jobs.id, kind, attempt, max_attempts, project_id, resource_id, payload, requested_by, progress, cancel_requested, picked.rank, picked.n, picked.project, picked.share
        """;

    /// <summary>Up to <paramref name="limit"/> jobs, taking turns between projects from the one after <paramref name="after"/>.</summary>
    /// <param name="saturated">Projects that may have no more for now.</param>
    public async Task<ClaimResult> ClaimAsync(Guid worker, TimeSpan lease, int limit, Guid after, Guid[] saturated, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ClaimSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Job.DefaultQueue });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = NoProject });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ProjectsPerClaim });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = saturated });
        var rows = new List<(long Rank, int Turn, Guid Project, ClaimedJob Job)>(limit);
        var mayHaveMore = false;
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                rows.Add((reader.GetInt64(10), reader.GetInt32(11), reader.GetGuid(12), ReadJob(reader)));
                mayHaveMore |= reader.GetInt64(10) >= reader.GetInt32(13);
            }
        }

        rows.Sort((a, b) => (a.Rank, a.Turn).CompareTo((b.Rank, b.Turn)));
        var last = rows.Count > 0 && rows.Max(r => r.Turn) >= ProjectsPerClaim ? rows.MaxBy(r => r.Turn).Project : Guid.Empty;
        return new ClaimResult([.. rows.Select(r => r.Job)], last, mayHaveMore || last != Guid.Empty);
    }

    /// <summary>Ends jobs that left nothing else to save, all in one statement. Those no longer held are skipped.</summary>
    public Task SucceedAsync(Guid worker, Guid[] ids, CancellationToken cancel) => ExecuteAsync(
        "update jobs set state = 'succeeded', finished_at = now(), lease_until = null, progress = 100 where id = any($2) and worker = $1 and state = 'running'",
        cancel, Value(worker), Value(ids));

    /// <summary>Ends one job inside the caller's transaction. False when this worker no longer holds that attempt.</summary>
    internal static async Task<bool> EndAsync(NpgsqlConnection connection, Guid worker, ClaimedJob job, JobState state, JobError? error, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            update jobs set state = $4, error = $5, finished_at = now(), lease_until = null, cancel_requested = false, progress = case when $4 = 'succeeded' then 100 else progress end
            where id = $1 and worker = $2 and attempt = $3 and state = 'running'
            """,
            connection)
        {
            Parameters = { Value(job.Id), Value(worker), Value(job.Attempt), Value(Word(state)), Json(error) },
        };
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>Lets the job wait for its next attempt.</summary>
    public Task<bool> WaitForRetryAsync(Guid worker, ClaimedJob job, TimeSpan delay, JobError error, CancellationToken cancel) => ChangeHeldAsync(
        "state = 'waiting_retry', run_at = now() + $4, error = $5", worker, job, cancel, Value(delay), Json(error));

    /// <summary>Gives the job back as if this attempt had not been: snoozed, or unfinished at shutdown.</summary>
    public Task<bool> ReleaseAsync(Guid worker, ClaimedJob job, TimeSpan delay, short? progress, CancellationToken cancel) => ChangeHeldAsync(
        "state = 'queued', attempt = attempt - 1, run_at = now() + $4, progress = coalesce($5, progress)", worker, job, cancel, Value(delay),
        new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Smallint, Value = (object?)progress ?? DBNull.Value });

    /// <summary>Renews the leases. Answers what is still held, and whether its end is asked for.</summary>
    public async Task<IReadOnlyDictionary<Guid, bool>> HeartbeatAsync(Guid worker, Guid[] ids, TimeSpan lease, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("update jobs set lease_until = now() + $3 where id = any($2) and worker = $1 and state = 'running' returning id, cancel_requested");
        command.Parameters.AddRange(new NpgsqlParameter[] { Value(worker), Value(ids), Value(lease) });
        var held = new Dictionary<Guid, bool>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            held[reader.GetGuid(0)] = reader.GetBoolean(1);
        }

        return held;
    }

    /// <summary>Returns to the queue what dead workers held. A claim after the last allowed attempt fails the job.</summary>
    public Task<int> RescueAsync(CancellationToken cancel) => ExecuteAsync(
        "update jobs set state = 'queued', worker = null, lease_until = null, run_at = now() where state = 'running' and lease_until < now() - interval '1 second'", cancel);

    /// <summary>Jobs that wait or run, by state, and the age of the oldest that could run.</summary>
    public async Task<(IReadOnlyDictionary<string, long> ByState, double OldestSeconds)> MeasureAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            select state, count(*), coalesce(max(extract(epoch from now() - run_at)) filter (where state = 'queued'), 0)::float8
            from jobs where state in ('queued', 'waiting_retry') group by state
            union all select state, count(*), 0 from jobs where state = 'running' group by state
            """);
        var states = new Dictionary<string, long>(StringComparer.Ordinal) { ["queued"] = 0, ["waiting_retry"] = 0, ["running"] = 0 };
        var oldest = 0.0;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            states[reader.GetString(0)] = reader.GetInt64(1);
            oldest = Math.Max(oldest, reader.GetDouble(2));
        }

        return (states, Math.Max(0, oldest));
    }

    private async Task<bool> ChangeHeldAsync(string set, Guid worker, ClaimedJob job, CancellationToken cancel, params NpgsqlParameter[] more) => await ExecuteAsync(
        $"update jobs set {set}, worker = null, lease_until = null where id = $1 and worker = $2 and attempt = $3 and state = 'running'",
        cancel, [Value(job.Id), Value(worker), Value(job.Attempt), .. more]) == 1;

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static ClaimedJob ReadJob(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetString(1), r.GetInt32(2), r.GetInt32(3), r.IsDBNull(4) ? null : r.GetGuid(4), r.IsDBNull(5) ? null : r.GetGuid(5),
        r.GetString(6), r.GetString(7), r.IsDBNull(8) ? null : r.GetInt16(8), r.GetBoolean(9));

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    // The same shape as EF Core's owned JSON of Job.Error.
    private static NpgsqlParameter Json(JobError? error) => new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = error is null ? DBNull.Value : JsonSerializer.Serialize(error) };

    private static string Word(JobState state) => Application.Pipeline.FieldNames.Snake(state.ToString());
}

/// <param name="Jobs">In the order in which they should start.</param>
/// <param name="After">Where the next claim goes on.</param>
/// <param name="MayHaveMore">A project used up its share, so that more may be waiting.</param>
public sealed record ClaimResult(IReadOnlyList<ClaimedJob> Jobs, Guid After, bool MayHaveMore);
