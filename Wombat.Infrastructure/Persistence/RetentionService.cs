using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Sessions;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Removes what time has ended: sessions, also those of a user beyond <see cref="Session.SessionsMax"/>, failed sign-ins long forgiven, answers kept for a repeated Idempotency-Key, and
/// where a retention is configured, jobs that ended before it, with their logs. Any replica may do it at any time.
/// </summary>
public sealed class RetentionService(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, ILogger<RetentionService> log)
    : BackgroundService
{
    // A log may have thousands of blocks.
    private const int JobsAtOnce = 200;

    // By id, which begins with the time of making: what is younger is not looked at.
    private const string ForgetJobs = """
        with ended as materialized (
            select id from jobs where id < $2 and state in ('succeeded', 'failed', 'cancelled', 'interrupted') and finished_at < $1 order by id limit $3 for update skip locked
        ),
        logs as (delete from job_log_blocks b using ended e where b.job_id = e.id)
        delete from jobs j using ended e where j.id = e.id
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken);
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseErrors.IsUnavailable(e))
            {
                log.LogWarning("What time has ended is not removed now: {Error}", e.Message);
            }
        }
    }

    /// <summary>Once.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (settings.Jobs.Retention is { } retention)
        {
            await ForgetJobsAsync(now - retention, cancel);
        }

        await using var command = database.CreateCommand(
            """
            with ended as (delete from sessions where expires_at < $1 or last_seen_at < $2),
            surplus as (
                delete from sessions s using (select id, row_number() over (partition by user_id order by id desc) as n from sessions) ranked
                where ranked.n > $3 and s.id = ranked.id),
            origins as (delete from sign_in_origins where last_at < $1 - interval '180 days'),
            answers as (delete from idempotent_answers where created_at < $1 - interval '1 day'),
            refusals as (delete from refusal_counts where minute < $1 - interval '7 days')
            delete from sign_in_failures where last_at < $1 - interval '1 day'
            """
        );
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - settings.Sessions.Idle });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Session.SessionsMax });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task ForgetJobsAsync(DateTimeOffset endedBefore, CancellationToken cancel)
    {
        int forgotten;
        do
        {
            await using var command = database.CreateCommand(ForgetJobs);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = endedBefore });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Uuid7.At(endedBefore) });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = JobsAtOnce });
            forgotten = await command.ExecuteNonQueryAsync(cancel);
        } while (forgotten == JobsAtOnce);
    }
}
