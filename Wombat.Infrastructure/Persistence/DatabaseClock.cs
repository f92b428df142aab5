using Microsoft.Extensions.Logging;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// The time of the database, because every replica uses the same database and has its own clock: a job created by a fast clock would wait
/// until the other clocks reach its time. Truncated to microseconds, PostgreSQL's precision, so that an answer equals what is read later.
/// </summary>
/// <param name="machine">The clock of this machine. It is used unchanged if it differs from the database by at most 0.1 s.</param>
public sealed class DatabaseClock(TimeProvider machine, ILogger<DatabaseClock> log) : TimeProvider
{
    private static readonly TimeSpan Trusted = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LoggedFrom = TimeSpan.FromSeconds(1);

    private long offset;

    public override DateTimeOffset GetUtcNow()
    {
        var now = machine.GetUtcNow().AddTicks(Interlocked.Read(ref offset));
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Reads the database's time. An answer that took longer than the difference of the clocks is ignored.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task SetAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        var (started, from) = (machine.GetUtcNow(), machine.GetTimestamp());
        var answer = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancel))!);
        var duration = machine.GetElapsedTime(from);
        var difference = answer - (started + (duration / 2));
        var known = TimeSpan.FromTicks(Interlocked.Read(ref offset));
        if ((difference - known).Duration() <= Trusted + duration)
        {
            return;
        }

        Interlocked.Exchange(ref offset, difference.Duration() <= Trusted ? 0 : difference.Ticks);
        if (difference.Duration() >= LoggedFrom || known.Duration() >= LoggedFrom)
        {
            log.LogWarning(
                "This machine's clock differs by {Offset:+0.0;-0.0} s from the database's; the database's time is used",
                -difference.TotalSeconds
            );
        }
    }
}
