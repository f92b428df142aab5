using Npgsql;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Api.Hosting;

/// <summary>What must be done once before the workers start; ready when done.</summary>
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

    // A server that was just started answers sooner.
    private static readonly TimeSpan TellAfter = TimeSpan.FromSeconds(1);

    private string lastError = "no answer yet";

    /// <summary>True from the moment when everything below has been done.</summary>
    public bool IsDone { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await plugins.InitializeAsync(cancel); // first, since it finds wrong settings and changes nothing
        await WaitAsync(cancel);
        await RunExclusiveAsync(cancel);
        IsDone = true;
    }

    // Replicas that start at once would make the same months and each its own admin token.
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

        // Not before: it makes the key file, which a restore brings along.
        await services.GetRequiredService<AuditMaintenance>().EnsurePartitionsAsync(cancel);
        await token.EnsureAsync(cancel);
    }

    /// <summary>Whether the database answers now.</summary>
    public async Task<bool> DatabaseAnswersAsync(CancellationToken cancel)
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

    /// <summary>Until the database answers, and with its time.</summary>
    /// <exception cref="TimeoutException">It does not within half a minute.</exception>
    public async Task WaitAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(WaitForDatabase);
        var wait = ConnectAsync(limit.Token);
        if (await Task.WhenAny(wait, Task.Delay(TellAfter, cancel)) != wait)
        {
            log.LogWarning(
                "Waiting up to {Seconds} s for PostgreSQL at {Place}: {Error}",
                WaitForDatabase.TotalSeconds,
                Place(),
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
                $"PostgreSQL at {Place()} did not accept a connection within {WaitForDatabase.TotalSeconds:F0} s: {lastError}",
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

    // Never the password.
    private string Place() =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) is var place
            ? $"{place.Host} port {place.Port}, database {place.Database}"
            : "";
}
