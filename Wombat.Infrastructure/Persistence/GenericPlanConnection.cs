using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// The settings of a connection whose few statements are prepared once and used until the process ends. They are planned while the
/// tables may be empty, but the plans must be good for large tables: nested loops and index scans.
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

    /// <summary>Closes the connection for good, because the pool would reuse it with these settings.</summary>
    public static async ValueTask ReturnAsync(NpgsqlConnection connection)
    {
        NpgsqlConnection.ClearPool(connection);
        await connection.DisposeAsync();
    }
}
