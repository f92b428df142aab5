using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Wombat.Domain.Databases;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Writes the configuration of a server: its settings, who may connect, and the scripts that it calls.</summary>
internal sealed partial class ServerConfiguration(LocalPostgresOptions options)
{
    public const string SettingsName = "postgresql.conf";
    public const string AccessName = "pg_hba.conf";
    public const string AccountsName = "pg_ident.conf";

    /// <summary>Where ALTER SYSTEM writes; its settings take precedence. Wombat writes none there.</summary>
    public const string SystemSettingsName = "postgresql.auto.conf";

    /// <summary>Connections that are kept for Wombat; the tenant's own are limited to what the tier promises.</summary>
    public const int ReservedConnections = 5;

    private const int PreparedPort = 5432;

    // What isolates tenants or what Wombat relies on; a tier must not change it.
    private static readonly HashSet<string> Managed = new(StringComparer.Ordinal)
    {
        "allow_alter_system",
        "archive_cleanup_command",
        "archive_command",
        "archive_library",
        "archive_mode",
        "archive_timeout",
        "cluster_name",
        "config_file",
        "data_directory",
        "dynamic_library_path",
        "external_pid_file",
        "fsync",
        "full_page_writes",
        "hba_file",
        "hot_standby",
        "ident_file",
        "include",
        "include_dir",
        "include_if_exists",
        "listen_addresses",
        "local_preload_libraries",
        "log_line_prefix",
        "log_min_error_statement",
        "log_min_messages",
        "log_timezone",
        "logging_collector",
        "log_directory",
        "log_filename",
        "log_destination",
        "max_connections",
        "password_encryption",
        "port",
        "recovery_end_command",
        "reserved_connections",
        "restore_command",
        "session_preload_libraries",
        "shared_preload_libraries",
        "ssl",
        "superuser_reserved_connections",
        "unix_socket_directories",
        "unix_socket_permissions",
        "wal_level",
    };

    /// <summary>Whether a tier may set it.</summary>
    public static bool IsAllowed(string setting) =>
        SettingRegex().IsMatch(setting)
        && !Managed.Contains(setting)
        && !setting.StartsWith("recovery_target", StringComparison.Ordinal)
        && !setting.StartsWith("ssl_", StringComparison.Ordinal);

    public static int PortOf(Instance? instance) => instance?.Port is > 0 and var port ? port : PreparedPort;

    /// <summary>
    /// Writes all files into a data directory. Those for clients are written beside it as well, to be compared with later.
    /// </summary>
    /// <param name="instance">Null for a database that is prepared ahead.</param>
    /// <param name="recovery">For <see cref="ServerMode.Recovery"/>.</param>
    public void Write(
        InstanceFolder folder,
        Instance? instance,
        PostgresInstallation installation,
        ServerMode mode,
        RecoverySource? recovery = null
    )
    {
        (string Name, string Content)[] files =
        [
            (SettingsName, SettingsFile.Write(Settings(folder, instance, installation.Version, mode, recovery))),
            (AccessName, AccessRules()),
            (AccountsName, $"wombat \"{Environment.UserName}\" postgres\n"),
        ];
        var isForClients = instance is not null && mode is ServerMode.Normal or ServerMode.Standby;
        foreach (var (name, content) in files)
        {
            if (isForClients)
            {
                PrivateFiles.EnsureFolder(folder.Expected);
                PrivateFiles.Write(Path.Combine(folder.Expected, name), content);
            }

            WriteFile(folder.Data, name, content, installation.User);
        }

        Scripts.Write(folder);
    }

    /// <summary>Writes one of the files of settings into the data directory.</summary>
    public static void WriteSettings(
        InstanceFolder folder,
        string name,
        IEnumerable<KeyValuePair<string, string>> settings,
        PostgresInstallation installation
    ) => WriteFile(folder.Data, name, SettingsFile.Write(settings), installation.User);

    /// <summary>Writes the settings that those in the data directory are compared with.</summary>
    public static void WriteExpected(InstanceFolder folder, IEnumerable<KeyValuePair<string, string>> settings) =>
        PrivateFiles.Write(Path.Combine(folder.Expected, SettingsName), SettingsFile.Write(settings));

    public static string FormatTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00";

    private string AccessRules()
    {
        var clients = IPAddress.IsLoopback(options.Address) ? $"{options.Address}/{(options.Address.GetAddressBytes().Length * 8)}" : "all";
        return $"""
            local all all peer map=wombat
            hostssl {TenantRoles.Database} postgres {clients} reject
            hostssl {TenantRoles.Database} all {clients} scram-sha-256

            """;
    }

    private Dictionary<string, string> Settings(
        InstanceFolder folder,
        Instance? instance,
        int version,
        ServerMode mode,
        RecoverySource? recovery
    )
    {
        var tier = instance?.Tier ?? new TierSpec();
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        AddSizes(all, tier);
        foreach (var (name, value) in tier.Settings.Where(s => IsAllowed(s.Key)))
        {
            all[name] = value;
        }

        AddFixed(all, tier, version);
        all["cluster_name"] = instance?.Key ?? "prepared";
        all["port"] = Text(PortOf(instance));
        all["listen_addresses"] = mode is ServerMode.Normal or ServerMode.Standby ? options.Address.ToString() : "";
        all["unix_socket_directories"] = folder.Socket;
        all["ssl"] = File.Exists(folder.ServerCertificate) ? "on" : "off";
        all["archive_mode"] = instance is null ? "off" : "on";
        if (instance is not null)
        {
            all["archive_command"] = $"/bin/sh ../archive.sh %p %f ../archive/{instance.ArchiveName}";
            all["archive_timeout"] = "60";
        }

        if (recovery is not null)
        {
            AddRecovery(all, folder, recovery);
        }

        return all;
    }

    private static void AddSizes(Dictionary<string, string> all, TierSpec tier)
    {
        var workers = Math.Clamp(tier.CpuMillis / 1000, 0, 16);
        all["shared_buffers"] = $"{Math.Clamp(tier.MemoryMib / 4, 8, 16 * 1024)}MB";
        all["effective_cache_size"] = $"{Math.Max(16, tier.MemoryMib * 3 / 4)}MB";
        all["maintenance_work_mem"] = $"{Math.Clamp(tier.MemoryMib / 8, 8, 1024)}MB";
        all["work_mem"] = $"{Math.Clamp(tier.MemoryMib * 512L / tier.MaxConnections, 1024, 256 * 1024)}kB";
        all["max_wal_size"] = $"{Math.Clamp(tier.StorageMib / 8, 64, 4096)}MB";
        all["min_wal_size"] = "16MB";
        all["max_worker_processes"] = Text(Math.Max(4, workers + 2));
        all["max_parallel_workers"] = Text(workers);
        all["max_parallel_workers_per_gather"] = Text(workers / 2);
        all["autovacuum_max_workers"] = "2";
        all["temp_file_limit"] = $"{Math.Max(16, tier.StorageMib / 4)}MB";
        all["idle_in_transaction_session_timeout"] = "1h";
        all["jit"] = "off";
        all["timezone"] = "UTC";
    }

    private static void AddFixed(Dictionary<string, string> all, TierSpec tier, int version)
    {
        all["max_connections"] = Text(tier.MaxConnections + ReservedConnections);
        all["superuser_reserved_connections"] = Text(ReservedConnections);
        all["password_encryption"] = "scram-sha-256";
        all["ssl_cert_file"] = "../server.pem";
        all["ssl_key_file"] = "../server.pem";
        all["ssl_min_protocol_version"] = "TLSv1.2";
        all["unix_socket_permissions"] = "0700";
        all["wal_level"] = "replica";
        all["max_wal_senders"] = "0";
        all["max_replication_slots"] = "0";
        all["hot_standby"] = "on";
        all["huge_pages"] = "off";
        all["log_timezone"] = "UTC";

        // Errors of clients, which may contain secrets, are not logged.
        all["log_min_messages"] = "log";
        all["log_min_error_statement"] = "panic";
        all["log_line_prefix"] = "%m [%p] ";
        if (version >= 18)
        {
            all["io_method"] = "sync";
        }
    }

    private static void AddRecovery(Dictionary<string, string> all, InstanceFolder folder, RecoverySource recovery)
    {
        var archive = Path.GetRelativePath(folder.Data, recovery.ArchiveFolder);
        all["restore_command"] = $"/bin/sh ../restore.sh %f %p {archive}";
        all["recovery_target_action"] = "promote";
        all["recovery_target_timeline"] = "latest";

        // The source may have had more connections than the tier allows.
        all["hot_standby"] = "off";
        if (recovery.Immediate)
        {
            all["recovery_target"] = "immediate";
        }
        else if (recovery.TargetTime is { } time)
        {
            all["recovery_target_time"] = FormatTime(time);
        }
    }

    private static void WriteFile(string folder, string name, string content, PostgresUser user)
    {
        var path = Path.Combine(folder, name);
        PrivateFiles.Write(path, content);
        user.ChangeOwner(path);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex SettingRegex();
}
