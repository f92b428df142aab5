using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The PostgreSQL server of a Cluster.</summary>
internal sealed class CnpgInstance(CnpgServers servers, string name, int port) : IAsyncDisposable
{
    private readonly string folder = servers.CreateFolder(name);
    private readonly List<string> recovery = [];
    private PeerProcess? process;
    private NpgsqlDataSource? source;
    private string rules = "";

    public int Port => port;

    public bool IsRunning { get; private set; }

    private string Data => Path.Combine(folder, "data");

    /// <summary>Starts it; creates the data with the application database unless they are there.</summary>
    public async Task StartAsync(JsonObject spec, CnpgArchive? archive)
    {
        if (!Directory.Exists(Data))
        {
            var initdb = spec["bootstrap"]!["initdb"]!;
            if ((string?)initdb["owner"] != CnpgServers.Owner || (string?)initdb["database"] != CnpgServers.Database)
            {
                throw new NotSupportedException($"Only the database {CnpgServers.Database} is prepared.");
            }

            await servers.CopyPreparedAsync(Data);
        }

        rules = RulesOf(spec);
        await WriteRulesAsync();
        await StartOnAsync(
            Data,
            [
                $"max_connections={(string?)spec["postgresql"]?["parameters"]?["max_connections"] ?? "100"}",
                .. archive is null ? [] : ArchiveSettings(archive),
                .. recovery,
            ]
        );
        recovery.Clear();
    }

    /// <summary>Lets it admit those whom the spec says, without a restart.</summary>
    public async Task ReloadAsync(JsonObject spec)
    {
        if (RulesOf(spec) != rules)
        {
            rules = RulesOf(spec);
            await WriteRulesAsync();
            await ReadAsync("select pg_reload_conf()::text");
        }
    }

    /// <summary>Starts it on data that exist.</summary>
    public async Task StartOnAsync(string data, params string[] settings)
    {
        string[] all =
        [
            $"port={port}",
            "listen_addresses=127.0.0.1",
            $"unix_socket_directories={folder}",
            "shared_buffers=8MB",
            "fsync=off",
            "jit=off",
            "ssl=on",
            $"ssl_cert_file={servers.CertificateFile}",
            $"ssl_key_file={servers.KeyFile}",
            "track_commit_timestamp=on",
            .. settings,
        ];
        await StopAsync();
        process = await servers.StartAsync(port, ["-D", data, .. all.SelectMany(s => new[] { "-c", s })]);
        source = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await Eventually.UntilAsync(IsPrimaryAsync, $"the server in {folder} accepts changes");
        IsRunning = true;
    }

    public Task StopAsync() => StopAsync("INT");

    /// <summary>Prepares the data from a backup, before the first start.</summary>
    /// <param name="target">The field recoveryTarget of the Cluster.</param>
    public async Task RecoverAsync(CnpgArchive from, JsonNode? target)
    {
        var backupId = (string?)target?["backupID"];
        DateTimeOffset? time = (string?)target?["targetTime"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;
        var chosen = from.Choose(backupId, time) ?? throw new InvalidOperationException("no target backup found");
        await CnpgServers.RunAsync("/bin/cp", "-a", chosen, Data);
        await servers.WriteAsync(At("recovery.signal"), "");
        recovery.AddRange([$"restore_command=cp {from.Wal}/%f %p", "recovery_target_action=promote"]);
        if (time is { } at)
        {
            recovery.Add($"recovery_target_time={at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture)}");
        }
        else if (backupId is not null)
        {
            recovery.Add("recovery_target=immediate");
        }
    }

    /// <summary>Makes a base backup and returns its id and its times.</summary>
    public async Task<(string Id, DateTimeOffset Start, DateTimeOffset End)> BackUpAsync(CnpgArchive archive)
    {
        var start = TimeProvider.System.GetUtcNow();
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await ScalarAsync(connection, "select pg_backup_start('stand-in', true)");
        var draft = archive.NewDraft();
        await CopyAsync(draft);

        // PostgreSQL itself would look only once a second whether the WAL is archived.
        var stop = await ScalarAsync(connection, "select pg_walfile_name(lsn - 1) || e'\n' || labelfile from pg_backup_stop(false)");
        var (segment, label) = (stop.Split('\n', 2)[0], stop.Split('\n', 2)[1]);
        await UntilArchivedAsync(archive, segment);
        File.Delete(Path.Combine(draft, "postmaster.pid"));
        foreach (var file in Directory.GetFiles(Path.Combine(draft, "pg_wal"), "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        await servers.WriteAsync(Path.Combine(draft, "backup_label"), label);
        var end = TimeProvider.System.GetUtcNow();
        var id = CnpgArchive.IdOf(end);
        Directory.Move(draft, archive.FolderOf(id));
        return (id, start, end);
    }

    /// <summary>Archives what is written so far.</summary>
    public async Task ArchiveAsync(CnpgArchive archive)
    {
        var last = (await ReadAsync("select pg_walfile_name(pg_switch_wal() - 1)")).Single();
        await UntilArchivedAsync(archive, last);
    }

    public async Task<List<string>> ReadAsync(string sql, string database = "postgres")
    {
        await using var connection = database == "postgres" ? source!.CreateConnection() : new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
        }

        return rows;
    }

    public async Task RemoveAsync()
    {
        await StopAsync("QUIT");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public async ValueTask DisposeAsync() => await RemoveAsync();

    private async Task StopAsync(string signal)
    {
        IsRunning = false;
        if (source is not null)
        {
            await source.DisposeAsync();
            source = null;
        }

        if (process is not null)
        {
            await process.StopAsync(signal);
            await process.DisposeAsync();
            process = null;
        }
    }

    private async Task<bool> IsPrimaryAsync()
    {
        if (process!.HasExited)
        {
            throw new InvalidOperationException($"The server in {folder} has ended: {process.Output}");
        }

        try
        {
            return (await ReadAsync("select pg_is_in_recovery()::text")).Single() == "false";
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string[] ArchiveSettings(CnpgArchive archive)
    {
        archive.Create();
        var wal = archive.Wal;
        return ["archive_mode=on", $"archive_command=test ! -f {wal}/%f && cp %p {wal}/%f.part && mv {wal}/%f.part {wal}/%f"];
    }

    // Files that a running server removes meanwhile are an error of cp.
    private async Task CopyAsync(string draft)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CnpgServers.RunAsync("/bin/cp", "-a", Data, draft);
                return;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }

    private async Task UntilArchivedAsync(CnpgArchive archive, string segment) =>
        await Eventually.UntilAsync(
            async () =>
                File.Exists(Path.Combine(archive.Wal, segment))
                && (await ReadAsync($"select (last_archived_wal >= '{segment}')::text from pg_stat_archiver")).Single() == "true",
            $"{segment} is archived"
        );

    private static async Task<string> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())!.ToString()!;
    }

    // Through the socket, which only this account can reach.
    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = folder,
            Port = port,
            Username = "postgres",
            Database = database,
            MaxPoolSize = 4,
            Timeout = 5,
            Pooling = database == "postgres",
        }.ConnectionString;

    private static string RulesOf(JsonObject spec) =>
        string.Join('\n', (spec["postgresql"]?["pg_hba"] as JsonArray ?? []).Select(l => (string)l!));

    // Those of the operator come first.
    private Task WriteRulesAsync() =>
        servers.WriteAsync(
            At("pg_hba.conf"),
            $"""
            local all postgres trust
            host all postgres all reject
            host all {CnpgServers.PoolerUser} 127.0.0.1/32 scram-sha-256
            {rules}
            host all all 127.0.0.1/32 scram-sha-256

            """
        );

    private string At(string name) => Path.Combine(Data, name);
}
