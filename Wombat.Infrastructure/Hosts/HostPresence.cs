using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Hosts;

/// <summary>Records a heartbeat of this host's worker for the other replicas.</summary>
public sealed class HostPresence(NpgsqlDataSource database, HostIdentity here, WombatSettings settings, BackgroundLoop loop)
    : PeriodicService(loop, new LoopOptions("host heartbeat", settings.HostTimeout / 6) { UnavailableLevel = LogLevel.Debug })
{
    protected override Task RunOnceAsync(CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            insert into hosts (id, name, last_seen_at) values ({here.Id}, {here.Name}, now())
            on conflict (id) do update set name = excluded.name, last_seen_at = excluded.last_seen_at
            """,
            cancel
        );
}
