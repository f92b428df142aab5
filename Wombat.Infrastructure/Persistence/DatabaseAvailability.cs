using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Persistence;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Logs once that the database is unavailable and once that it is available again, although many services and requests notice it
/// repeatedly.
/// </summary>
public sealed class DatabaseAvailability(NpgsqlDataSource database, ILogger<DatabaseAvailability> log) : IDatabaseAvailability
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // One success is not sufficient while others still report failures.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private long reportedAt;
    private int isLost;

    public bool IsUnavailable(Exception failure) => DatabaseErrors.IsUnavailable(failure);

    public bool Report(Exception failure)
    {
        if (!DatabaseErrors.IsLost(failure))
        {
            return false;
        }

        Volatile.Write(ref reportedAt, Stopwatch.GetTimestamp());
        if (Interlocked.Exchange(ref isLost, 1) == 0)
        {
            log.LogWarning("The database is unavailable: {Error}. Retrying until it is available", failure.Message);
            _ = WatchAsync(Stopwatch.GetTimestamp());
        }

        return true;
    }

    private async Task WatchAsync(long from)
    {
        while (true)
        {
            await Task.Delay(Interval);
            try
            {
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref reportedAt)) >= Quiet && await IsAvailableAsync())
                {
                    Volatile.Write(ref isLost, 0);
                    log.LogInformation("The database is available again after {Seconds:F0} s", Stopwatch.GetElapsedTime(from).TotalSeconds);
                    return;
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
            {
                // Still unavailable.
            }
        }
    }

    private async Task<bool> IsAvailableAsync()
    {
        await using var command = database.CreateCommand("select not pg_is_in_recovery()");
        return await command.ExecuteScalarAsync() is true;
    }
}
