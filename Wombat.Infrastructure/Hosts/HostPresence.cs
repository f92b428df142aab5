using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Hosts;

/// <summary>Records a heartbeat of this host's worker for the other replicas.</summary>
public sealed class HostPresence(
    NpgsqlDataSource database,
    HostIdentity here,
    WombatSettings settings,
    TimeProvider clock,
    ILogger<HostPresence> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await AnnounceAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("The host's presence cannot be recorded: {Error}", e.Message);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(settings.HostTimeout / 6, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnnounceAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "insert into hosts (id, name, last_seen_at) values ($1, $2, now()) on conflict (id) do update set name = excluded.name, last_seen_at = excluded.last_seen_at"
        );
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = here.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = here.Name });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
