using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Databases;

/// <summary>Connects to databases of users, always through verified TLS and without a pool of connections.</summary>
internal static class DatabaseDataSource
{
    private const int ConnectSeconds = 10;

    /// <param name="statementSeconds">The time limit of a statement.</param>
    public static NpgsqlDataSource Build(DatabaseCredentials credentials, int statementSeconds)
    {
        var builder = new NpgsqlDataSourceBuilder();
        var settings = builder.ConnectionStringBuilder;
        (settings.Host, settings.Port, settings.Database) = (credentials.Host, credentials.Port, credentials.DatabaseName);
        (settings.Username, settings.Password) = (credentials.User, credentials.Password);
        settings.SslMode = credentials.SslMode == "verify-full" ? SslMode.VerifyFull : SslMode.VerifyCA;
        settings.Pooling = false;
        settings.Timeout = ConnectSeconds;
        settings.CommandTimeout = statementSeconds;
        settings.GssEncryptionMode = GssEncryptionMode.Disable;

        // A pooler between has no session to reset.
        settings.NoResetOnClose = true;
        if (credentials.CaCertificate is { } authority)
        {
            builder.UseRootCertificate(X509Certificate2.CreateFromPem(authority));
        }

        return builder.Build();
    }
}
