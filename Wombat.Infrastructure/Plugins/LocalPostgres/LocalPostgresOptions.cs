using System.Net;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The settings of an instance of the plugin. See docs/plugins.md.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>The name of the plugin instance.</summary>
    public required string Instance { get; init; }

    /// <summary>The folder that holds one folder for each database.</summary>
    public required string Folder { get; init; }

    /// <summary>The one address on which the servers listen.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The host name or address that clients use; the certificates are made out to it.</summary>
    public required string Host { get; init; }

    /// <summary>The first and the last port that a server may have.</summary>
    public required (int First, int Last) Ports { get; init; }

    /// <summary>The folders with PostgreSQL's programs; null to search for them.</summary>
    public IReadOnlyList<string>? Binaries { get; init; }

    /// <summary>How many empty databases are prepared ahead, so that a creation is fast.</summary>
    public int Prepared { get; init; } = 1;

    /// <summary>The free disk space of the machine in MiB below which databases become read-only and no backup is made.</summary>
    public int MinFreeMib { get; init; } = 512;

    /// <summary>The time between two comparisons of roles and databases with what they should be.</summary>
    public TimeSpan DriftInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time after which the last restorable time is brought forward. Not a setting.</summary>
    public TimeSpan MarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The time limit of calls that copy data: a restore, a backup, or a deletion with a final backup.</summary>
    public TimeSpan CopyTimeout { get; init; } = TimeSpan.FromHours(2);

    public static LocalPostgresOptions Read(PluginSection section)
    {
        var address = IPAddress.TryParse(section.Text("address") ?? "127.0.0.1", out var parsed)
            ? parsed
            : section.Report("address", "must be an IP address", IPAddress.Loopback);
        return new LocalPostgresOptions
        {
            Instance = section.Instance,
            Folder = Path.Combine(
                section.DataDirectory,
                section.Instance == LocalPostgresPluginType.TypeName ? "databases" : $"databases-{section.Instance}"
            ),
            Address = address,
            Host = section.Text("host") ?? address.ToString(),
            Ports = ReadPorts(section),
            Binaries = section.List("bin"),
            Prepared = section.Number("prepared", 1, 0, 20),
            MinFreeMib = section.Number("min_free_mib", 512, 0, 1024 * 1024 * 1024),
            DriftInterval = section.Seconds("drift_interval_seconds", 10, 1, 86_400),
            CallTimeout = section.Seconds("call_timeout_seconds", 120, 0.1, 86_400),
            CopyTimeout = section.Seconds("copy_timeout_seconds", 7200, 0.1, 604_800),
        };
    }

    private static (int First, int Last) ReadPorts(PluginSection section) =>
        (section.Text("ports") ?? "15432-16431").Split('-') is [var first, var last]
        && int.TryParse(first, out var from)
        && int.TryParse(last, out var to)
        && from is >= 1024 and <= 65535
        && to <= 65535
        && from <= to
            ? (from, to)
            : section.Report("ports", "must be a range such as 15432-16431", (15432, 16431));
}
