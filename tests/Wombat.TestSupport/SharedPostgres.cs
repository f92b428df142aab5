using Npgsql;
using Wombat.Api.Hosting;
using Wombat.Infrastructure.Configuration;

namespace Wombat.TestSupport;

/// <summary>One real PostgreSQL for all tests of an assembly; each test has a database of its own in it.</summary>
public static class SharedPostgres
{
    private static readonly TestFolder Folder = new();
    private static readonly Lazy<Task<(EmbeddedPostgres Server, string ConnectionString)>> Started = new(StartAsync);
    private static int databases;

    /// <summary>A fresh, empty database.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var (_, server) = await Started.Value;
        var name = $"t{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server)
        {
            Database = name,
            MaxPoolSize = 30,
            Pooling = true,
        }.ConnectionString;
    }

    public static async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await (await Started.Value).Server.StopAsync(CancellationToken.None);
        }

        Folder.Dispose();
    }

    private static async Task<(EmbeddedPostgres, string)> StartAsync()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["WOMBAT_DATA_DIR"] = Folder.Path,
                ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
            },
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        var server = new EmbeddedPostgres(settings);
        var connectionString = server.ConnectionString();
        await server.StartAsync(CancellationToken.None);
        return (server, connectionString);
    }
}
