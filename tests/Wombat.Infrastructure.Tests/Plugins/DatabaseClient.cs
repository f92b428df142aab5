using Npgsql;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins;

/// <summary>Connects to a database of a provider as its users do: by TCP, with the revealed credentials.</summary>
internal static class DatabaseClient
{
    public static string ConnectionString(DatabaseCredentials credentials)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = credentials.Host,
            Port = credentials.Port,
            Database = credentials.DatabaseName,
            Username = credentials.User,
            Password = credentials.Password,
            SslMode = credentials.SslMode switch
            {
                "verify-full" => SslMode.VerifyFull,
                "verify-ca" => SslMode.VerifyCA,
                _ => SslMode.Require,
            },
            Pooling = false,
            Timeout = 5,
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        if (credentials.CaCertificate is { } authority)
        {
            settings.RootCertificate = LocalDatabases.AuthorityFile(authority);
        }

        return settings.ConnectionString;
    }

    public static async Task<NpgsqlConnection> OpenAsync(this IDatabaseProvider provider, ResourceRef database, string? user = null)
    {
        var connection = new NpgsqlConnection(ConnectionString(await provider.GetCredentialsAsync(database, user, default)));
        await connection.OpenAsync();
        return connection;
    }

    public static async Task<ObservedState> StatusOfAsync(this IDatabaseProvider provider, ResourceRef database) =>
        (await provider.ListAsync(default)).Find(database).State;

    public static Task ExecuteAsync(this IDatabaseProvider provider, ResourceRef database, string sql, string? user = null) =>
        provider.ScalarAsync(database, sql, user);

    public static async Task<object?> ScalarAsync(this IDatabaseProvider provider, ResourceRef database, string sql, string? user = null)
    {
        await using var connection = await provider.OpenAsync(database, user);
        return await connection.ScalarAsync(sql);
    }

    public static async Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public static Task<object?> ScalarAsync(string connectionString, string sql) => LocalDatabases.ScalarAsync(connectionString, sql);

    /// <summary>Whether a statement succeeds on an open session.</summary>
    public static async Task<bool> IsAliveAsync(this NpgsqlConnection connection)
    {
        try
        {
            await connection.ScalarAsync("select 1");
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    public static async Task<bool> CanConnectAsync(string connectionString)
    {
        try
        {
            await ScalarAsync(connectionString, "select 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Waits until the database accepts the current credentials.</summary>
    public static Task UntilReachableAsync(this IDatabaseProvider provider, ResourceRef database, string? user = null) =>
        Eventually.UntilAsync(
            async () => await CanConnectAsync(ConnectionString(await provider.GetCredentialsAsync(database, user, default))),
            "the database accepts the credentials"
        );
}
