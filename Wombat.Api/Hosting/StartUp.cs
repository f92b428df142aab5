using Npgsql;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Audit;
using Wombat.Infrastructure.Identity;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Api.Hosting;

/// <summary>What must be done once before the workers start; ready when done.</summary>
internal sealed class StartUp(Migrator migrator, AuditKeeper audit, AdminToken token, PluginRegistry plugins, NpgsqlDataSource database, DatabaseClock clock, ILogger<StartUp> log)
{
    private const long LockKey = 0x574f4d_0003;
    private static readonly TimeSpan WaitForDatabase = TimeSpan.FromSeconds(30);

    /// <summary>True from the moment when everything below has been done.</summary>
    public bool IsDone { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await plugins.InitializeAsync(cancel); // first, since it finds wrong settings and changes nothing
        await WaitAsync(cancel);
        await InTurnAsync(cancel);
        IsDone = true;
    }

    // Replicas that start at once would make the same months and each its own admin token.
    private async Task InTurnAsync(CancellationToken cancel)
    {
        await using var turn = await database.OpenConnectionAsync(cancel);
        await using var mine = await turn.BeginTransactionAsync(cancel);
        await using (var wait = new NpgsqlCommand("select pg_advisory_xact_lock($1)", turn) { CommandTimeout = 0 })
        {
            wait.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockKey });
            await wait.ExecuteNonQueryAsync(cancel);
        }

        var applied = await migrator.MigrateAsync(cancel);
        if (applied > 0)
        {
            log.LogInformation("Applied {Count} migrations", applied);
        }

        await audit.EnsurePartitionsAsync(cancel);
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
    public async Task WaitAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(WaitForDatabase);
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(limit.Token);
                await clock.SetAsync(connection, limit.Token);
                return;
            }
            catch (NpgsqlException e) when (DatabaseErrors.IsUnavailable(e) && !limit.IsCancellationRequested)
            {
                await Task.Delay(200, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
