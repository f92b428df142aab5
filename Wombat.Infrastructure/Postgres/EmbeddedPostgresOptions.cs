using System.Globalization;

namespace Wombat.Infrastructure.Postgres;

/// <summary>Describes one PostgreSQL server on this machine. Any number of servers may run, each with a folder of its own.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The server's folder, for its data, log and socket.</summary>
    public required string Folder { get; init; }

    /// <summary>Holds the superuser's password; created if it is missing.</summary>
    public required string PasswordFile { get; init; }

    /// <summary>The superuser.</summary>
    public string User { get; init; } = "wombat";

    /// <summary>A TCP port on 127.0.0.1 in addition to the Unix socket; null for the socket alone.</summary>
    public int? Port { get; init; }

    /// <summary>Server settings by their names in postgresql.conf. Names and values are letters, digits and <c>/._-</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The folder of initdb, pg_ctl and postgres; null to find one.</summary>
    public string? Binaries { get; init; }

    /// <summary>The server that holds Wombat's own database.</summary>
    public static EmbeddedPostgresOptions ForDataDirectory(string dataDirectory, string? binaries = null) =>
        new()
        {
            Folder = Path.Combine(dataDirectory, "postgres"),
            PasswordFile = Path.Combine(dataDirectory, "postgres-password"),
            Binaries = binaries,
            Settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["shared_buffers"] = "256MB",
                ["max_connections"] = "100",
                ["max_wal_size"] = "2GB",
            },
        };

    internal string PortText => (Port ?? 5432).ToString(CultureInfo.InvariantCulture);
}
