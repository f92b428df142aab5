using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// The time as the database has it, since every replica has the same database but each its own clock: a job that a fast
/// clock dates would wait until the others get there. Cut to microseconds, PostgreSQL's precision, so that what was
/// answered is what is read later.
/// </summary>
/// <param name="machine">This machine's clock; trusted while it is within a tenth of a second of the database's.</param>
public sealed class DatabaseClock(NpgsqlDataSource database, TimeProvider machine, ILogger<DatabaseClock> log) : TimeProvider
{
    private static readonly TimeSpan Trusted = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(1);

    private long offset;

    public override DateTimeOffset GetUtcNow()
    {
        var now = machine.GetUtcNow().AddTicks(Interlocked.Read(ref offset));
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Asks the database what time it is. An answer that took longer than the clocks are apart says nothing.</summary>
    /// <exception cref="NpgsqlException">It does not answer.</exception>
    public async Task SetAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        var (asked, from) = (machine.GetUtcNow(), machine.GetTimestamp());
        var answer = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancel))!);
        var took = machine.GetElapsedTime(from);
        var apart = answer - (asked + (took / 2));
        var known = TimeSpan.FromTicks(Interlocked.Read(ref offset));
        if ((apart - known).Duration() <= Trusted + took)
        {
            return;
        }

        Interlocked.Exchange(ref offset, apart.Duration() <= Trusted ? 0 : apart.Ticks);
        if (apart.Duration() >= Told || known.Duration() >= Told)
        {
            log.LogWarning(
                "This machine's clock is off by {Offset:+0.0;-0.0} s from the database's, whose time counts",
                -apart.TotalSeconds
            );
        }
    }

    /// <summary>Asks again and again; ends when cancelled.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(interval, this, cancel);
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancel);
                await SetAsync(connection, cancel);
            }
            catch (Exception e) when (DatabaseErrors.IsUnavailable(e) && !cancel.IsCancellationRequested)
            {
                log.LogDebug("The database's time is not known now: {Error}", e.Message);
            }
        }
    }
}

/// <summary>Keeps the clock right while Wombat runs.</summary>
internal sealed class ClockSynchronizer(DatabaseClock clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => clock.RunAsync(Interval, stoppingToken);
}
