using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Removes what time has ended: sessions, failed sign-ins long forgiven, answers kept for a repeated Idempotency-Key. Any replica may do it at any time.</summary>
public sealed class Sweeper(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock, ILogger<Sweeper> log) : BackgroundService
{
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

    private async Task SweepAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            with ended as (delete from sessions where expires_at < $1 or last_seen_at < $2),
            answers as (delete from idempotent_answers where created_at < $1 - interval '1 day')
            delete from sign_in_failures where last_at < $1 - interval '1 day'
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - settings.Sessions.Idle });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
