using Microsoft.EntityFrameworkCore;
using Npgsql;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Postgres;

namespace Wombat.TestSupport;

/// <summary>One PostgreSQL server for all tests of an assembly. Each test has its own database on it.</summary>
public static class SharedPostgres
{
    private const string Template = "migrated";

    private static readonly TestFolder Folder = new();
    private static readonly Lazy<Task<(EmbeddedPostgres Server, string ConnectionString)>> Started = new(StartAsync);
    private static readonly Lazy<Task> TemplateMigrated = new(MigrateTemplateAsync);
    private static int databases;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public static Task<string> NewDatabaseAsync() => CreateAsync("template1");

    /// <summary>
    /// Creates a database with the current schema, as a copy of one that was migrated once, and returns its connection string.
    /// </summary>
    public static async Task<string> NewMigratedDatabaseAsync()
    {
        await TemplateMigrated.Value;
        return await CreateAsync(Template);
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

    private static async Task<string> CreateAsync(string template)
    {
        var (_, server) = await Started.Value;
        var name = $"t{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(server, $"create database {name} template {template}");
        return new NpgsqlConnectionStringBuilder(server)
        {
            Database = name,
            MaxPoolSize = 20,
            Pooling = true,
        }.ConnectionString;
    }

    // PostgreSQL copies a template only while nobody is connected to it.
    private static async Task MigrateTemplateAsync()
    {
        var (_, server) = await Started.Value;
        await ExecuteAsync(server, $"create database {Template}");
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = Template, Pooling = false }.ConnectionString;
        await using var context = new WombatDbContext(new DbContextOptionsBuilder<WombatDbContext>().UseNpgsql(connection).Options);
        await context.Database.MigrateAsync();
    }

    private static async Task<(EmbeddedPostgres, string)> StartAsync()
    {
        var server = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(Folder.Path));
        var connectionString = server.ConnectionString();
        await server.StartAsync(CancellationToken.None);

        // No test restarts this server, so nothing depends on its durability.
        foreach (var setting in new[] { "fsync", "full_page_writes", "synchronous_commit" })
        {
            await ExecuteAsync(connectionString, $"alter system set {setting} = off");
        }

        await ExecuteAsync(connectionString, "select pg_reload_conf()");
        return (server, connectionString);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
