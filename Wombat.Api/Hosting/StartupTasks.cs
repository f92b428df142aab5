using Npgsql;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Api.Hosting;

/// <summary>Runs the tasks that must complete before the workers start.</summary>
internal sealed class StartupTasks(
    Migrator migrator,
    IServiceProvider services,
    AdminToken token,
    PluginRegistry plugins,
    NpgsqlDataSource database,
    DatabaseClock clock,
    ILogger<StartupTasks> log
)
{
    private static readonly TimeSpan WaitForDatabase = TimeSpan.FromSeconds(30);

    // Shorter than for an external server.
    private static readonly TimeSpan ReportAfter = TimeSpan.FromSeconds(1);

    private string lastError = "no response yet";

    /// <summary>Whether all startup tasks have completed.</summary>
    public bool IsDone { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await plugins.InitializeAsync(cancel); // first, because it validates settings and changes nothing
        await WaitAsync(cancel);
        await RunExclusiveAsync(cancel);
        IsDone = true;
    }

    // Replicas that start at the same time must not all create partitions and admin tokens.
    private async Task RunExclusiveAsync(CancellationToken cancel)
    {
        await using var turn = await database.OpenConnectionAsync(cancel);
        await using var mine = await turn.BeginTransactionAsync(cancel);
        await AdvisoryLock.Startup.AcquireForTransactionAsync(turn, cancel);

        var applied = await migrator.MigrateAsync(cancel);
        if (applied > 0)
        {
            log.LogInformation("Applied {Count} migrations", applied);
        }

        // Not earlier: it creates the key file, which a restore would bring along.
        await services.GetRequiredService<AuditMaintenance>().EnsurePartitionsAsync(cancel);
        await token.EnsureAsync(cancel);
    }

    /// <summary>Whether the database is available.</summary>
    public async Task<bool> IsDatabaseAvailableAsync(CancellationToken cancel)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(TimeSpan.FromSeconds(2));
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(limit.Token);
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Waits until the database is available, and synchronizes the clock with it.</summary>
    /// <exception cref="TimeoutException">The database is not available within 30 s.</exception>
    public async Task WaitAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(WaitForDatabase);
        var wait = ConnectAsync(limit.Token);
        if (await Task.WhenAny(wait, Task.Delay(ReportAfter, cancel)) != wait)
        {
            log.LogWarning(
                "Waiting up to {Seconds} s for PostgreSQL at {Place}: {Error}",
                WaitForDatabase.TotalSeconds,
                DescribeServer(),
                lastError
            );
        }

        try
        {
            await wait;
        }
        catch (Exception e)
            when (limit.IsCancellationRequested
                && !cancel.IsCancellationRequested
                && (e is OperationCanceledException || DatabaseErrors.IsUnavailable(e))
            )
        {
            throw new TimeoutException(
                $"PostgreSQL at {DescribeServer()} did not accept a connection within {WaitForDatabase.TotalSeconds:F0} s: {lastError}",
                e
            );
        }
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancel);
                await clock.SetAsync(connection, cancel);
                return;
            }
            catch (NpgsqlException e) when (DatabaseErrors.IsUnavailable(e) && !cancel.IsCancellationRequested)
            {
                lastError = e.InnerException?.Message ?? e.Message;
                await Task.Delay(200, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Must not contain the password.
    private string DescribeServer() =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) is var server
            ? $"{server.Host} port {server.Port}, database {server.Database}"
            : "";
}
