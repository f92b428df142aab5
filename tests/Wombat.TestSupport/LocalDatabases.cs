using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Npgsql;

namespace Wombat.TestSupport;

/// <summary>What tests need of databases that the local-postgres plugin provides.</summary>
public static class LocalDatabases
{
    // Written once, since fixtures that run at the same time may read it.
    private static readonly ConcurrentDictionary<string, Lazy<string>> Authorities = new(StringComparer.Ordinal);

    /// <summary>The connection string of revealed credentials, which verifies the server's certificate.</summary>
    public static string ConnectionString(JsonNode credentials)
    {
        return new NpgsqlConnectionStringBuilder
        {
            Host = (string)credentials["host"]!,
            Port = (int)credentials["port"]!,
            Database = (string)credentials["dbname"]!,
            Username = (string)credentials["user"]!,
            Password = (string)credentials["password"]!,
            SslMode = SslMode.VerifyFull,
            RootCertificate = AuthorityFile((string)credentials["ca_certificate"]!),
            Pooling = false,
            Timeout = 5,
        }.ConnectionString;
    }

    /// <summary>A file with the certificate authority, written once in this process.</summary>
    public static string AuthorityFile(string certificate) =>
        Authorities.GetOrAdd(certificate, c => new Lazy<string>(() => WriteAuthority(c))).Value;

    /// <summary>Connects and runs one statement.</summary>
    public static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static string WriteAuthority(string certificate)
    {
        var path = Path.Combine(Path.GetTempPath(), $"wombat-test-ca-{Guid.NewGuid():N}.pem");
        File.WriteAllText(path, certificate);
        return path;
    }
}
