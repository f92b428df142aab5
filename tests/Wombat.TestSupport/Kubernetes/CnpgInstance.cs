using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The PostgreSQL server of a Cluster.</summary>
internal sealed class CnpgInstance(string folder, string passwordFile, int port, TestCertificate certificate) : IAsyncDisposable
{
    /// <summary>The file of the superuser's password, which all servers share, since a restored one has that of its source.</summary>
    public const string PasswordFile = "superuser-password";

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(1);

    private EmbeddedPostgres? server;

    public int Port => port;

    public bool IsRunning { get; private set; }

    private string Data => Path.Combine(folder, "data");

    private bool IsInitialized => File.Exists(Path.Combine(Data, "PG_VERSION"));

    /// <summary>Starts it; creates the data with the application database unless they are there.</summary>
    public async Task StartAsync(JsonObject spec, CnpgArchive? archive)
    {
        var isNew = !IsInitialized;
        PrivateFiles.EnsureFolder(folder);
        await WriteCertificateAsync();
        var options = new EmbeddedPostgresOptions
        {
            Folder = folder,
            PasswordFile = passwordFile,
            User = "postgres",
            Port = port,
            Settings = Settings(spec, archive),
        };
        server = new EmbeddedPostgres(options);
        server.ConnectionString();
        await server.StartAsync(CancellationToken.None);
        if (isNew)
        {
            await ConfigureAsync(spec, archive);
        }

        await Eventually.UntilAsync(
            async () => (await ReadAsync("select pg_is_in_recovery()::text")).Single() == "false",
            $"the recovery in {folder} has ended"
        );
        IsRunning = true;
    }

    public async Task StopAsync()
    {
        IsRunning = false;
        if (server is not null)
        {
            await server.StopAsync(CancellationToken.None);
            server = null;
        }
    }

    /// <summary>Prepares the data from a backup, before the first start.</summary>
    /// <param name="target">The field recoveryTarget of the Cluster.</param>
    public async Task RecoverAsync(CnpgArchive source, JsonNode? target, CnpgArchive? archive)
    {
        var backupId = target?["backupID"]?.GetValue<string>();
        DateTimeOffset? time = target?["targetTime"]?.GetValue<string>() is { } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
            : null;
        var chosen = source.Choose(backupId, time) ?? throw new InvalidOperationException("no target backup found");
        PrivateFiles.EnsureFolder(folder);
        await RunAsync("/bin/cp", "-a", chosen, Data);
        var lines = (await File.ReadAllLinesAsync(At("postgresql.auto.conf")))
            .Where(l => !l.StartsWith("archive_", StringComparison.Ordinal))
            .Append($"restore_command = 'cp {source.Wal}/%f %p'")
            .Append("recovery_target_action = 'promote'")
            .Concat(
                time is { } at
                    ? [$"recovery_target_time = '{at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture)}'"]
                : backupId is not null ? ["recovery_target = 'immediate'"]
                : []
            )
            .Concat(archive is null ? [] : [ArchiveCommand(archive)]);
        await File.WriteAllLinesAsync(At("postgresql.auto.conf"), lines);
        await File.WriteAllTextAsync(At("recovery.signal"), "");
        await RunAsync("/bin/chown", $"--reference={At("PG_VERSION")}", At("recovery.signal"), At("postgresql.auto.conf"));
    }

    /// <summary>Makes a base backup and returns its id and its times.</summary>
    public async Task<(string Id, DateTimeOffset Start, DateTimeOffset End)> BackUpAsync(CnpgArchive archive)
    {
        archive.Create();
        var start = TimeProvider.System.GetUtcNow();
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await ScalarAsync(connection, "select pg_backup_start('stand-in', true)");
        var draft = archive.FolderOf("draft");
        await RunAsync("/bin/cp", "-a", Data, draft);
        var label = await ScalarAsync(connection, "select labelfile from pg_backup_stop()");
        File.Delete(Path.Combine(draft, "postmaster.pid"));
        foreach (var segment in Directory.GetFiles(Path.Combine(draft, "pg_wal")))
        {
            File.Delete(segment);
        }

        await File.WriteAllTextAsync(Path.Combine(draft, "backup_label"), label);
        await RunAsync("/bin/chown", $"--reference={Path.Combine(draft, "PG_VERSION")}", Path.Combine(draft, "backup_label"));
        var end = TimeProvider.System.GetUtcNow();
        var id = CnpgArchive.IdOf(end);
        Directory.Move(draft, archive.FolderOf(id));
        return (id, start, end);
    }

    public async Task<List<string>> ReadAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
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
        await StopAsync();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private Dictionary<string, string> Settings(JsonObject spec, CnpgArchive? archive)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["shared_buffers"] = "16MB",
            ["fsync"] = "off",
            ["ssl"] = "on",
            ["ssl_cert_file"] = Path.Combine(folder, "server.pem"),
            ["ssl_key_file"] = Path.Combine(folder, "server.key"),
            ["track_commit_timestamp"] = "on",
            ["max_connections"] = spec["postgresql"]?["parameters"]?["max_connections"]?.GetValue<string>() ?? "100",
        };
        if (archive is not null)
        {
            archive.Create();
            settings["archive_mode"] = "on";
            settings["archive_timeout"] = "1";
        }

        return settings;
    }

    // As the operator does: an application database and its owner, the rows of pg_hba.conf before the others.
    private async Task ConfigureAsync(JsonObject spec, CnpgArchive? archive)
    {
        var hba = (spec["postgresql"]?["pg_hba"] as JsonArray ?? []).Select(l => l!.GetValue<string>());
        await File.WriteAllLinesAsync(At("pg_hba.conf"), [.. hba, .. await File.ReadAllLinesAsync(At("pg_hba.conf"))]);
        if (archive is not null)
        {
            await ReadAsync($"alter system set {ArchiveCommand(archive)}");
        }

        await ReadAsync("select pg_reload_conf()::text");
        var initdb = spec["bootstrap"]!["initdb"]!;
        var owner = initdb["owner"]!.GetValue<string>();
        await ReadAsync($"create role {owner} login");
        await ReadAsync($"create database {initdb["database"]!.GetValue<string>()} owner {owner}");
    }

    private async Task WriteCertificateAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "server.pem"), certificate.CertificatePem);
        await File.WriteAllTextAsync(Path.Combine(folder, "server.key"), certificate.KeyPem);
        File.SetUnixFileMode(Path.Combine(folder, "server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var user = await PostgresUser.ChooseAsync(folder, PostgresBinaries.Find(null).Folder, CancellationToken.None);
        user.ChangeOwner(Path.Combine(folder, "server.pem"));
        user.ChangeOwner(Path.Combine(folder, "server.key"));
    }

    private static string ArchiveCommand(CnpgArchive archive) =>
        $"archive_command = 'test ! -f {archive.Wal}/%f && cp %p {archive.Wal}/%f.part && mv {archive.Wal}/%f.part {archive.Wal}/%f'";

    private static async Task<string> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())!.ToString()!;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(program, arguments, CommandTimeout), CancellationToken.None);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {result.ExitCode}: {result.ErrorTail}");
        }
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(server!.ConnectionString()) { Database = database, Pooling = false }.ConnectionString;

    private string At(string name) => Path.Combine(Data, name);
}
