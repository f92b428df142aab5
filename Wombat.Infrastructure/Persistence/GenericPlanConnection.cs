using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// Settings of a connection whose few statements are prepared once and run for as long as the process does. Their plans are
/// made while the tables may be empty, and must be good when these are large: row by row through indexes.
/// </summary>
internal static class GenericPlanConnection
{
    private const string Settings = """
        set plan_cache_mode = force_generic_plan; set jit = off;
        set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set enable_material = off
        """;

    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        var connection = await database.OpenConnectionAsync(cancel);
        try
        {
            await SetAsync(connection, cancel);
            return connection;
        }
        catch
        {
            await ReturnAsync(connection);
            throw;
        }
    }

    public static async Task SetAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Settings, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Closes it for good: the pool would hand it on as it is.</summary>
    public static async ValueTask ReturnAsync(NpgsqlConnection connection)
    {
        NpgsqlConnection.ClearPool(connection);
        await connection.DisposeAsync();
    }
}
