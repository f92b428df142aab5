using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>One of all replicas does a piece of work: the one whose connection holds the advisory lock.</summary>
public sealed class LeaderElection(NpgsqlDataSource database, BackgroundLoop loop, ILogger<LeaderElection> log)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Runs <paramref name="lead"/> while this process leads, again and again until cancelled; a failure gives up the lead. The
    /// connection that holds the lock is passed on: when it breaks, the lock is gone, and the work must end.
    /// </summary>
    public Task RunAsync(
        string name,
        AdvisoryLock advisoryLock,
        Func<NpgsqlConnection, CancellationToken, Task> lead,
        CancellationToken stop
    ) => loop.RunAsync(new LoopOptions(name, RetryInterval), cancel => TryLeadAsync(name, advisoryLock, lead, cancel), stop);

    /// <summary>Repeats <paramref name="work"/> while this process leads. Before each run it checks that it still holds the lock.</summary>
    public Task RunPeriodicallyAsync(
        LoopOptions options,
        AdvisoryLock advisoryLock,
        Func<CancellationToken, Task> work,
        CancellationToken stop
    ) => RunAsync(options.Name, advisoryLock, (connection, cancel) => RepeatAsync(options, connection, work, cancel), stop);

    /// <summary>Checks that the lock is still held: a broken connection has lost it and throws here.</summary>
    public static Task EnsureLeadsAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteAsync($"select 1", cancel);

    private async Task TryLeadAsync(
        string name,
        AdvisoryLock advisoryLock,
        Func<NpgsqlConnection, CancellationToken, Task> lead,
        CancellationToken cancel
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await advisoryLock.TryAcquireAsync(connection, cancel))
        {
            return;
        }

        try
        {
            log.LogDebug("This process is the leader of the {Name}", name);
            await lead(connection, cancel);
        }
        finally
        {
            await advisoryLock.ReleaseAsync(connection);
        }
    }

    private async Task RepeatAsync(
        LoopOptions options,
        NpgsqlConnection connection,
        Func<CancellationToken, Task> work,
        CancellationToken cancel
    )
    {
        using var wakeUp = options.WakeUp?.Invoke();
        while (!cancel.IsCancellationRequested)
        {
            await EnsureLeadsAsync(connection, cancel);
            await work(cancel);
            await loop.WaitAsync(options.Interval, wakeUp, cancel);
        }
    }
}
