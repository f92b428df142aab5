using System.Text.Json.Nodes;
using Npgsql;

namespace Wombat.TestSupport;

/// <summary>What tests need of databases that the local-postgres plugin provides.</summary>
public static class LocalDatabases
{
    /// <summary>The connection string of revealed credentials, which verifies the server's certificate.</summary>
    public static string ConnectionString(JsonNode credentials)
    {
        var authority = Path.Combine(Path.GetTempPath(), $"wombat-ca-{Guid.NewGuid():N}.pem");
        File.WriteAllText(authority, (string)credentials["ca_certificate"]!);
        return new NpgsqlConnectionStringBuilder
        {
            Host = (string)credentials["host"]!,
            Port = (int)credentials["port"]!,
            Database = (string)credentials["dbname"]!,
            Username = (string)credentials["user"]!,
            Password = (string)credentials["password"]!,
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority,
            Pooling = false,
            Timeout = 5,
        }.ConnectionString;
    }
}
