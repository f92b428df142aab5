using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>
/// Deletes ended jobs with their logs: those that are older than a retention, and of a project whose logs take more than its limit those
/// that ended first. What belongs to a run on several hosts stays as long as that run. Several replicas may do it at a time.
/// </summary>
public sealed class JobRetention(
    NpgsqlDataSource database,
    WombatSettings settings,
    TimeProvider clock,
    BackgroundLoop loop,
    ILogger<JobRetention> log
) : PeriodicService(loop, new LoopOptions("deletion of old jobs", TimeSpan.FromMinutes(10)) { WaitsFirst = true })
{
    // A log can have thousands of blocks.
    private const int BatchSize = 200;
    private const long BytesPerMib = 1024 * 1024;

    // Seconds; the rows of all logs of a project are read for their sizes.
    private const int MeasureTimeout = 600;

    /// <summary>Deletes what exceeds the retention of all projects, if there is one, or that of its own project.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancel)
    {
        if (settings.Jobs.Retention is { } retention)
        {
            await DeleteOlderAsync(before => FindOlderAsync(before, cancel), retention, cancel);
        }

        foreach (var (project, days, mib) in await LimitsAsync(cancel))
        {
            try
            {
                if (days is not null)
                {
                    await DeleteOlderAsync(before => FindOlderAsync(project, before, cancel), TimeSpan.FromDays(days.Value), cancel);
                }

                if (mib is not null)
                {
                    await DeleteBeyondAsync(project, mib.Value * BytesPerMib, cancel);
                }
            }
            catch (NpgsqlException e)
            {
                log.LogWarning("Cannot delete the old jobs of project {Project}: {Error}", project, e.Message);
            }
        }
    }

    protected override Task RunOnceAsync(CancellationToken cancel) => DeleteExpiredAsync(cancel);

    private Task<List<(Guid Project, int? Days, int? Mib)>> LimitsAsync(CancellationToken cancel) =>
        database.QueryAsync(
            $"""
            select id, job_retention_days, job_logs_max_mib from projects
            where job_retention_days is not null or job_logs_max_mib is not null
            """,
            r => (r.GetGuid(0), r.ValueOrDefault<int?>(1), r.ValueOrDefault<int?>(2)),
            cancel
        );

    private async Task DeleteOlderAsync(Func<DateTimeOffset, Task<List<Ended>>> find, TimeSpan retention, CancellationToken cancel)
    {
        var endedBefore = clock.GetUtcNow() - retention;
        while (await DeleteAsync(await find(endedBefore), cancel) == BatchSize) { }
    }

    // By id, which begins with the time of creation: younger rows are not read.
    private Task<List<Ended>> FindOlderAsync(DateTimeOffset endedBefore, CancellationToken cancel) =>
        database.QueryAsync(
            $"""
            select id, finished_at from jobs
            where id < {Uuid7.At(endedBefore)} and state in ('succeeded', 'failed', 'cancelled', 'interrupted')
                and finished_at < {endedBefore}
                and not (kind = {Run.JobKind} and exists (
                    select 1 from runs r join jobs p on p.id = r.parent_id where r.id = jobs.id))
            order by id limit {BatchSize}
            """,
            Ended.Read,
            cancel
        );

    private Task<List<Ended>> FindOlderAsync(Guid project, DateTimeOffset endedBefore, CancellationToken cancel) =>
        database.QueryAsync(
            $"""
            select id, finished_at from jobs
            where project_id = {project} and id < {Uuid7.At(endedBefore)}
                and state in ('succeeded', 'failed', 'cancelled', 'interrupted') and finished_at < {endedBefore}
                and not (kind = {Run.JobKind} and exists (
                    select 1 from runs r join jobs p on p.id = r.parent_id where r.id = jobs.id))
            order by id limit {BatchSize}
            """,
            Ended.Read,
            cancel
        );

    // The job that ended last stays, however large its log is: a limit that deletes what has just ended would hide it from its user.
    private async Task DeleteBeyondAsync(Guid project, long bytes, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var found = await connection.QueryAsync(
            $"""
            with parts as (
                select j.id, coalesce(p.id, j.id) as whole, j.finished_at,
                    (select coalesce(sum(pg_column_size(b.text) + pg_column_size(b.metadata)), 0)
                        from job_log_blocks b where b.job_id = j.id) as bytes
                from jobs j left join runs r on r.id = j.id left join jobs p on p.id = r.parent_id
                where j.project_id = {project}
            ),
            wholes as (
                select whole, max(finished_at) as ended_at, sum(bytes) as bytes
                from parts group by whole having bool_and(finished_at is not null)
            ),
            ranked as (select whole, sum(bytes) over (order by ended_at desc, whole) - bytes as bytes_of_newer from wholes)
            select parts.id, parts.finished_at from parts join ranked on ranked.whole = parts.whole
            where bytes_of_newer >= {bytes} order by parts.id
            """,
            Ended.Read,
            cancel,
            MeasureTimeout
        );
        foreach (var batch in found.Chunk(BatchSize))
        {
            await DeleteAsync(batch, cancel);
        }
    }

    // A job that was retried since it was found, or that belongs to a run that was, is left alone.
    private Task<int> DeleteAsync(IReadOnlyCollection<Ended> found, CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            with ended as materialized (
                select j.id from jobs j join unnest({found.Select(f => f.Id).ToArray()}, {found.Select(f => f.At).ToArray()}) f(id, at)
                    on j.id = f.id and j.finished_at = f.at
                where j.state in ('succeeded', 'failed', 'cancelled', 'interrupted')
                    and not exists (select 1 from runs r join jobs p on p.id = r.parent_id where r.id = j.id and p.finished_at is null)
                for update of j skip locked
            ),
            logs as (delete from job_log_blocks b using ended e where b.job_id = e.id)
            delete from jobs j using ended e where j.id = e.id
            """,
            cancel
        );

    private readonly record struct Ended(Guid Id, DateTime At)
    {
        public static Ended Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetDateTime(1));
    }
}
