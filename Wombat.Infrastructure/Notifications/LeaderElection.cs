using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Notifications;

/// <summary>One of all replicas does a thing: the one whose connection holds the advisory lock.</summary>
public sealed class LeaderElection(
    NpgsqlDataSource database,
    TimeProvider clock,
    DatabaseAvailability availability,
    ILogger<LeaderElection> log
)
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Runs <paramref name="lead"/> while this process leads, again and again until cancelled. The connection that holds
    /// the lock is handed over; when it breaks, the lock is gone and so must be whatever used it.
    /// </summary>
    public async Task RunAsync(string name, long key, Func<NpgsqlConnection, CancellationToken, Task> lead, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancel);
                if (await TryLockAsync(connection, key, cancel))
                {
                    try
                    {
                        log.LogDebug("This process leads {Name}", name);
                        await lead(connection, cancel);
                    }
                    finally
                    {
                        await UnlockAsync(connection, key);
                    }
                }
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!availability.Report(e))
                {
                    log.LogError(e, "The work of the leader of {Name} failed; it begins again", name);
                }
            }

            await Task.Delay(TryAgain, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, long key, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = key } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task UnlockAsync(NpgsqlConnection connection, long key)
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = key } },
            };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // A pooled connection must not go on holding the lock; a broken one holds nothing.
            NpgsqlConnection.ClearPool(connection);
        }
    }
}
