using Npgsql;
using Wombat.Domain.Sessions;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>
/// Deletes expired rows: sessions, also those of a user beyond <see cref="Session.SessionsMax"/>, counters of failed sign-ins and
/// requests, and answers kept for a repeated Idempotency-Key. Any replica may do it at any time.
/// </summary>
public sealed class RetentionService(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("deletion of expired records", TimeSpan.FromMinutes(10)) { WaitsFirst = true })
{
    /// <summary>Deletes what has expired by now.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
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
}
