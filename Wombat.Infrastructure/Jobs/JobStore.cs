using System.Text.Json;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Domain.Jobs;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The worker's access to the jobs table, in plain SQL, because ending jobs is a hot path like claiming them.</summary>
public sealed class JobStore(NpgsqlDataSource database)
{
    /// <summary>Ends jobs without other changes to save in one statement. Jobs that are no longer held are skipped.</summary>
    public Task SucceedAsync(Guid worker, Guid[] ids, CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            update jobs set state = 'succeeded', finished_at = now(), lease_until = null, progress = 100
            where id = any({ids}) and worker = {worker} and state = 'running'
            """,
            cancel
        );

    /// <summary>Ends one job in the caller's transaction. Returns false if this worker no longer holds the attempt.</summary>
    internal static async Task<bool> EndAsync(
        NpgsqlConnection connection,
        Guid worker,
        ClaimedJob job,
        JobState state,
        JobError? error,
        CancellationToken cancel
    ) =>
        await connection.ExecuteAsync(
            $"""
            update jobs set state = {FieldNames.Snake(state.ToString())}, error = {Json(error)}::jsonb, finished_at = now(),
                lease_until = null, cancel_requested = false,
                progress = case when {state == JobState.Succeeded} then 100 else progress end
            where id = {job.Id} and worker = {worker} and attempt = {job.Attempt} and state = 'running'
            """,
            cancel
        ) == 1;

    /// <summary>Makes the job wait for its next attempt.</summary>
    public async Task<bool> WaitForRetryAsync(Guid worker, ClaimedJob job, TimeSpan delay, JobError error, CancellationToken cancel) =>
        await database.ExecuteAsync(
            $"""
            update jobs set state = 'waiting_retry', run_at = now() + {delay}, error = {Json(error)}::jsonb, worker = null,
                lease_until = null
            where id = {job.Id} and worker = {worker} and attempt = {job.Attempt} and state = 'running'
            """,
            cancel
        ) == 1;

    /// <summary>Returns the job to the queue without counting the attempt: snoozed, or unfinished at shutdown.</summary>
    public async Task<bool> ReleaseAsync(Guid worker, ClaimedJob job, TimeSpan delay, short? progress, CancellationToken cancel) =>
        await database.ExecuteAsync(
            $"""
            update jobs set state = 'queued', attempt = attempt - 1, run_at = now() + {delay}, progress = coalesce({progress}, progress),
                worker = null, lease_until = null
            where id = {job.Id} and worker = {worker} and attempt = {job.Attempt} and state = 'running'
            """,
            cancel
        ) == 1;

    /// <summary>
    /// Returns all repeatable jobs that the worker holds to the queue without counting the attempts. Their handlers must have ended.
    /// </summary>
    public Task<int> ReleaseAllAsync(Guid worker, CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            update jobs set state = 'queued', attempt = attempt - 1, run_at = now(), worker = null, lease_until = null
            where worker = {worker} and state = 'running' and is_repeatable
            """,
            cancel
        );

    /// <summary>
    /// Renews the leases and returns the jobs that are still held. Skips locked rows, which count as held and are renewed by the next call.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, (bool IsRenewed, bool CancelRequested)>> HeartbeatAsync(
        Guid worker,
        Guid[] ids,
        TimeSpan lease,
        CancellationToken cancel
    )
    {
        var held = await database.QueryAsync(
            $"""
            with free as (select id from jobs where id = any({ids}) and worker = {worker} and state = 'running'
                    for no key update skip locked),
                renewed as (update jobs j set lease_until = now() + {lease} from free where j.id = free.id returning j.id)
            select j.id, r.id is not null, cancel_requested from jobs j left join renewed r on r.id = j.id where j.id = any({ids})
                and worker = {worker} and state = 'running'
            """,
            r => (Id: r.GetGuid(0), IsRenewed: r.GetBoolean(1), CancelRequested: r.GetBoolean(2)),
            cancel
        );
        return held.ToDictionary(h => h.Id, h => (h.IsRenewed, h.CancelRequested));
    }

    /// <summary>
    /// Returns jobs of dead workers to the queue. The next claim of a job that has no attempt left, or is not repeatable, ends it.
    /// </summary>
    public Task<int> RescueAsync(CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            with dead as (select id from jobs where state = 'running'
                and lease_until < now() - interval '1 second' for no key update skip locked)
            update jobs j set state = 'queued', worker = null, lease_until = null, run_at = now(),
                max_attempts = case when is_repeatable then max_attempts else attempt end
            from dead where j.id = dead.id
            """,
            cancel
        );

    /// <summary>Records why the waiting jobs of a host's resources and workspaces wait. The next claim clears it.</summary>
    public Task<int> WaitForHostAsync(Guid host, JobError error, CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            update jobs j set error = {Json(error)}::jsonb
            where j.state in ('queued', 'waiting_retry') and j.error is distinct from {Json(error)}::jsonb
                and (j.resource_id in (select id from resources where host_id = {host} and status <> 'deleted')
                    or j.id in (select removal_id from orphans where host_id = {host})
                    or j.id in (select id from runs where host_id = {host} and not is_ended and not awaits_approval))
            """,
            cancel
        );

    /// <summary>The number of waiting and running jobs by state, and the age of the oldest job that is ready to run.</summary>
    public async Task<(IReadOnlyDictionary<string, long> ByState, double OldestSeconds)> MeasureAsync(CancellationToken cancel)
    {
        var rows = await database.QueryAsync(
            $"""
            select state, count(*), coalesce(max(extract(epoch from now() - run_at)) filter (where state = 'queued'), 0)::float8
            from jobs where state in ('queued', 'waiting_retry') group by state
            union all select state, count(*), 0 from jobs where state = 'running' group by state
            """,
            r => (State: r.GetString(0), Count: r.GetInt64(1), OldestSeconds: r.GetDouble(2)),
            cancel
        );
        var states = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["queued"] = 0,
            ["waiting_retry"] = 0,
            ["running"] = 0,
        };
        rows.ForEach(r => states[r.State] = r.Count);
        return (states, rows.Select(r => r.OldestSeconds).Append(0).Max());
    }

    // The same format as EF Core's JSON of Job.Error.
    private static string? Json(JobError? error) => error is null ? null : JsonSerializer.Serialize(error);
}
