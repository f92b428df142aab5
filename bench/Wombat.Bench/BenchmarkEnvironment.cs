using System.Diagnostics;
using Npgsql;
using Wombat.Infrastructure.Postgres;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>A temporary PostgreSQL with durable settings, shared by both sides of a comparison.</summary>
internal sealed class BenchmarkEnvironment : IAsyncDisposable
{
    private readonly TestFolder folder = new();
    private EmbeddedPostgres postgres = null!;

    public string Folder => folder.Path;

    public string Server { get; private set; } = "";

    public static async Task<BenchmarkEnvironment> StartAsync()
    {
        var bed = new BenchmarkEnvironment();
        var server = Directory.CreateDirectory(Path.Combine(bed.Folder, "server"));
        bed.postgres = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(server.FullName));
        bed.Server = bed.postgres.ConnectionString();
        await bed.postgres.StartAsync(CancellationToken.None);
        return bed;
    }

    /// <summary>Creates a database with Wombat's schema by Wombat itself.</summary>
    public async Task<string> DatabaseAsync(string name)
    {
        await ExecuteAsync(Server, $"create database {name}");
        var connectionString = new NpgsqlConnectionStringBuilder(Server)
        {
            Database = name,
            MaxPoolSize = 32,
            MaxAutoPrepare = 50,
            NoResetOnClose = true,
        }.ConnectionString;
        await using var migrate = WombatProcess.Start(Path.Combine(Folder, name), Environment(connectionString), null, "migrate");
        return await migrate.WaitForExitAsync() == 0 ? connectionString : throw new InvalidOperationException(migrate.Output);
    }

    public static Dictionary<string, string> Environment(string connectionString) =>
        new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = connectionString,
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
            ["WOMBAT_LOG_LEVEL"] = "warning",
            ["WOMBAT_RATE_LIMIT_REQUESTS_PER_SECOND"] = "0",
        };

    /// <summary>Creates projects with 50 tags; every hundredth is public, every tenth inactive.</summary>
    public static async Task SeedAsync(string connectionString, int count) =>
        await ExecuteAsync(
            connectionString,
            $"""
            alter table projects disable trigger user;
            insert into projects (id, name, unix_name, description, active, visibility, tags, created_at, updated_at, version)
            select uuidv7(make_interval(secs => n - {count} - 60)), 'Project number ' || n, 'project-' || n,
                'Description of project number ' || n || ', a sentence of the usual length.',
                n % 10 <> 0, case when n % 100 = 0 then 'public' else 'private' end, array['bench', 'team-' || n % 50],
                now() - make_interval(secs => {count} - n), now() - make_interval(secs => (n::bigint * 7919) % {count}), 1
            from generate_series(1, {count}) n;
            insert into project_tags (tag, project_id) select t, id from projects, unnest(tags) t;
            alter table projects enable trigger user;
            vacuum analyze projects;
            vacuum analyze project_tags;
            """
        );

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0, Pooling = false }.ConnectionString
        );
        await connection.OpenAsync();
        foreach (var statement in sql.Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Starts the bare API as a separate process, like Wombat.</summary>
    public static Task<(Process Process, int Port)> StartBareAsync(string connectionString)
    {
        var port = FreePort.Next();
        return StartSelfAsync(port, "/projects?limit=1", "bare", connectionString, port.ToString());
    }

    /// <summary>Starts Wombat without its events as a separate process. The token is in the data directory.</summary>
    public static Task<(Process Process, int Port)> StartUnauditedAsync(string connectionString, string data)
    {
        var port = FreePort.Next();
        return StartSelfAsync(port, "/health/ready", "unaudited", connectionString, port.ToString(), data);
    }

    private static async Task<(Process Process, int Port)> StartSelfAsync(int port, string path, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(BenchmarkEnvironment).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 400; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
                if (response.IsSuccessStatusCode)
                {
                    return (process, port);
                }
            }
            catch (HttpRequestException)
            {
                // The server does not answer yet.
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException($"{arguments[0]} does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await postgres.StopAsync(CancellationToken.None);
        folder.Dispose();
    }
}
