using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>Compares the clock with the database's while Wombat runs.</summary>
internal sealed class ClockSynchronizer(DatabaseClock clock, NpgsqlDataSource database, BackgroundLoop loop, TimeSpan? interval = null)
    : PeriodicService(loop, new LoopOptions("clock synchronization", interval ?? TimeSpan.FromSeconds(15)) { WaitsFirst = true })
{
    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await clock.SetAsync(connection, cancel);
    }
}
