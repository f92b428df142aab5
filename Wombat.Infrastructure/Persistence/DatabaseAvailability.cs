using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Persistence;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Says in the log that the database is lost, once, and once that it is back: many loops and requests notice at the same time
/// and again and again.
/// </summary>
public sealed class DatabaseAvailability(NpgsqlDataSource database, ILogger<DatabaseAvailability> log) : IDatabaseAvailability
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // While others still report failures, one answer proves nothing.
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
            log.LogWarning("The database is unavailable: {Error}. It is tried again until it answers", failure.Message);
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
                if (Stopwatch.GetElapsedTime(Volatile.Read(ref reportedAt)) >= Quiet && await AnswersAsync())
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
                // Still away.
            }
        }
    }

    private async Task<bool> AnswersAsync()
    {
        await using var command = database.CreateCommand("select not pg_is_in_recovery()");
        return await command.ExecuteScalarAsync() is true;
    }
}
