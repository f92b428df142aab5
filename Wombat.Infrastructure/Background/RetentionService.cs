using Npgsql;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Sessions;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>
/// Deletes expired rows: sessions, also those of a user beyond <see cref="Session.SessionsMax"/>, counters of failed sign-ins and
/// requests, answers kept for a repeated Idempotency-Key and, where a retention is configured, jobs with their logs. Any replica may do
/// it at any time.
/// </summary>
public sealed class RetentionService(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("deletion of expired records", TimeSpan.FromMinutes(10)) { WaitsFirst = true })
{
    // A log can have thousands of blocks.
    private const int JobBatchSize = 200;

    /// <summary>Deletes what has expired by now.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (settings.Jobs.Retention is { } retention)
        {
            await DeleteJobsAsync(now - retention, cancel);
        }

        await database.ExecuteAsync(
            $"""
            with ended as (delete from sessions where expires_at < {now} or last_seen_at < {now - settings.Sessions.Idle}),
            surplus as (
                delete from sessions s using (select id, row_number() over (partition by user_id order by id desc) as n
                    from sessions) ranked
                where ranked.n > {Session.SessionsMax} and s.id = ranked.id),
            origins as (delete from sign_in_origins where last_at < {now} - interval '180 days'),
            answers as (delete from idempotent_answers where created_at < {now} - interval '1 day'),
            refusals as (delete from refusal_counts where minute < {now} - interval '7 days')
            delete from sign_in_failures where last_at < {now} - interval '1 day'
            """,
            cancel
        );
    }

    protected override Task RunOnceAsync(CancellationToken cancel) => DeleteExpiredAsync(cancel);

    private async Task DeleteJobsAsync(DateTimeOffset endedBefore, CancellationToken cancel)
    {
        // By id, which begins with the time of creation: younger rows are not read. What belongs to a run on several hosts stays as long as
        // that.
        var before = Uuid7.At(endedBefore);
        int deleted;
        do
        {
            deleted = await database.ExecuteAsync(
                $"""
                with ended as materialized (
                    select id from jobs
                    where id < {before} and state in ('succeeded', 'failed', 'cancelled', 'interrupted') and finished_at < {endedBefore}
                        and not (kind = {Run.JobKind} and exists (
                            select 1 from runs r join jobs p on p.id = r.parent_id where r.id = jobs.id))
                    order by id limit {JobBatchSize} for update skip locked
                ),
                logs as (delete from job_log_blocks b using ended e where b.job_id = e.id)
                delete from jobs j using ended e where j.id = e.id
                """,
                cancel
            );
        } while (deleted == JobBatchSize);
    }
}
