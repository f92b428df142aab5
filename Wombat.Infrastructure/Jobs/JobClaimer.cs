using System.Data;
using Npgsql;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;
using Wombat.Domain.Orphans;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Claims waiting jobs on a dedicated connection that keeps the statement's plan, because planning takes ten times as long as execution.
/// Not thread-safe.
/// </summary>
public sealed class JobClaimer(NpgsqlDataSource database, HostIdentity here) : IAsyncDisposable
{
    // The number of projects per claim. The next claim continues after the last one.
    private const int ProjectsPerClaim = 32;

    // Jobs without a project share a key, so that they take turns like a project.
    internal static readonly Guid NoProject = Guid.AllBitsSet;

    // A constant in the statement, as in the index: with a parameter the index would not be used.
    private static readonly string Nobody = $"'{NoProject}'::uuid";

    // Fair between projects: a loose index scan finds the projects with waiting jobs, a lateral join takes an equal share of each, and
    // the batch is filled by rank. Of a resource only the oldest unfinished job qualifies (or the oldest due urgent one), and only on the
    // resource's host, if it has one. An orphan has no resource but may have a host. A run of a command may have a host and wait for
    // earlier runs; any host may end one whose attempts are used up.
    // Projects and users are limited to their slots; the caller passes how many they already hold.
    // A claim does not wait for the disk: after a crash of PostgreSQL the job is waiting again, as after a lost lease.
    private static readonly string ClaimSql = $"""
        with recursive lazy as materialized (select set_config('synchronous_commit', 'off', true) as done
        ), waiting(project, n) as (
            (select coalesce(project_id, {Nobody}), 1 from jobs
             where queue = $1 and state in ('queued', 'waiting_retry') and coalesce(project_id, {Nobody}) > $2
             order by coalesce(project_id, {Nobody}) limit 1)
            union all
            select (select coalesce(j.project_id, {Nobody}) from jobs j
                    where j.queue = $1 and j.state in ('queued', 'waiting_retry') and coalesce(j.project_id, {Nobody}) > w.project
                    order by coalesce(j.project_id, {Nobody}) limit 1), w.n + 1
            from waiting w where w.project is not null and w.n < {ProjectsPerClaim}
        ), turn as materialized (
            select w.project, w.n, least(ceil($3::float8 / count(*) over ())::int, w.room) as share
            from (select w.project, w.n, $8 - coalesce((select h.slots from unnest($6, $7) h(project, slots)
                where h.project = w.project), 0) as room from waiting w) w, lazy
            where w.project is not null and w.room > 0 and lazy.done is not null
        ), offered as materialized (
            select c.id, c.rank, w.n, w.project, w.share, c.requester,
                row_number() over (partition by c.requester order by c.rank, w.n) + coalesce((select h.slots
                    from unnest($9, $10) h(requester, slots) where h.requester = c.requester), 0) as of_requester
            from turn w cross join lateral (
                select f.id, f.requester, row_number() over () as rank from (
                    select j.id, j.requested_by_id as requester from jobs j
                    where j.queue = $1 and j.state in ('queued', 'waiting_retry') and coalesce(j.project_id, {Nobody}) = w.project
                        and j.run_at <= now()
                      and (j.resource_id is null or not exists (select 1 from resources r where r.id = j.resource_id and r.host_id <> $13))
                      and (j.kind <> '{Orphan.RemoveJob}' or not exists (
                          select 1 from orphans o where o.removal_id = j.id and o.host_id <> $13))
                      and (j.kind <> '{Run.JobKind}' or not exists (
                          select 1 from runs r where r.id = j.id
                            and (r.host_id <> $13 and j.attempt < j.max_attempts
                              or exists (select 1 from runs e where e.queue_id = r.queue_id and not e.is_ended and e.id < r.id))))
                      and (j.requested_by_id is null or j.requested_by_id <> all($12))
                      and (j.resource_id is null or not exists (
                          select 1 from jobs e
                          where e.resource_id = j.resource_id and e.state in ('queued', 'waiting_retry', 'running') and e.id <> j.id
                            and (e.state = 'running'
                              or e.id < j.id and (e.priority <= {Job.Urgent}) = (j.priority <= {Job.Urgent})
                              or e.priority <= {Job.Urgent} and j.priority > {Job.Urgent} and e.run_at <= now())))
                    order by j.priority, j.run_at, j.id limit w.share for update skip locked) f) c
        ), picked as materialized (
            select o.id, o.rank, o.n, o.project, o.share from offered o where o.requester is null or o.of_requester <= $11
                order by o.rank, o.n limit $3
        )
        update jobs set state = 'running', attempt = attempt + 1, worker = $4, lease_until = now() + $5,
            started_at = coalesce(started_at, now()), error = null
        from picked where jobs.id = picked.id
        returning jobs.id, kind, attempt, max_attempts, project_id, resource_id, arguments,
            is_repeatable, parent_id, requested_by, requested_by_id, progress, cancel_requested, request_id, trace_parent,
            picked.rank, picked.n, picked.project, picked.share
        """;

    private NpgsqlConnection? connection;

    /// <summary>
    /// Claims up to <paramref name="limit"/> jobs, round-robin between projects, starting after the project <paramref name="after"/>.
    /// </summary>
    /// <param name="bounds">The slots that projects and users may hold and currently hold.</param>
    public async Task<ClaimResult> ClaimAsync(
        Guid worker,
        TimeSpan lease,
        int limit,
        Guid after,
        SlotBounds bounds,
        CancellationToken cancel
    )
    {
        await using var command = new NpgsqlCommand(ClaimSql, await ConnectAsync(cancel));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Job.DefaultQueue });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lease });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. bounds.ByProject.Keys] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. bounds.ByProject.Values] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = bounds.PerProject });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. bounds.ByUser.Keys] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. bounds.ByUser.Values] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = bounds.PerUser });
        command.Parameters.Add(
            new NpgsqlParameter<Guid[]> { TypedValue = [.. bounds.ByUser.Where(u => u.Value >= bounds.PerUser).Select(u => u.Key)] }
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = here.Id });
        await command.PrepareAsync(cancel);
        var rows = new List<(long Rank, int Turn, Guid Project, ClaimedJob Job)>(limit);
        var mayHaveMore = false;
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
            {
                rows.Add((reader.GetInt64(15), reader.GetInt32(16), reader.GetGuid(17), ReadJob(reader)));
                mayHaveMore |= reader.GetInt64(15) >= reader.GetInt32(18);
            }
        }

        rows.Sort((a, b) => (a.Rank, a.Turn).CompareTo((b.Rank, b.Turn)));
        var last = rows.Count > 0 && rows.Max(r => r.Turn) >= ProjectsPerClaim ? rows.MaxBy(r => r.Turn).Project : Guid.Empty;
        return new ClaimResult([.. rows.Select(r => r.Job)], last, mayHaveMore || last != Guid.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is { } open)
        {
            connection = null;
            await GenericPlanConnection.ReturnAsync(open);
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancel)
    {
        if (connection is not { State: ConnectionState.Open })
        {
            await DisposeAsync();
            connection = await GenericPlanConnection.OpenAsync(database, cancel);
        }

        return connection;
    }

    private static ClaimedJob ReadJob(NpgsqlDataReader r) =>
        new(
            r.GetGuid(0),
            r.GetString(1),
            r.GetInt32(2),
            r.GetInt32(3),
            r.IsDBNull(4) ? null : r.GetGuid(4),
            r.IsDBNull(5) ? null : r.GetGuid(5),
            r.GetString(6),
            r.GetBoolean(7),
            r.IsDBNull(8) ? null : r.GetGuid(8),
            new Actor(r.GetString(9), r.IsDBNull(10) ? null : r.GetGuid(10)),
            r.IsDBNull(11) ? null : r.GetInt16(11),
            r.GetBoolean(12),
            r.IsDBNull(13) ? null : r.GetString(13),
            r.IsDBNull(14) ? null : r.GetString(14)
        );
}
