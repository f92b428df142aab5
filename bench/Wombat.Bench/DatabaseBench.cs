using System.Diagnostics;
using Npgsql;
using Wombat.Infrastructure.Postgres;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>Databases of the plugin local-postgres, over HTTP and with real clients, compared with PostgreSQL run by hand.</summary>
internal sealed class DatabaseBench : IAsyncDisposable
{
    private const int Created = 100;
    private const int Living = 200;
    private const int Rows = 10_000;
    private const int Clients = 50;
    private const int Rotations = 10;
    private static readonly TimeSpan RotationInterval = TimeSpan.FromSeconds(3);

    private readonly TestFolder folder = new();
    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal)
    {
        ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        ["WOMBAT_RATE_LIMIT_REQUESTS_PER_SECOND"] = "0",
        ["WOMBAT_QUOTAS_DATABASES_PER_PROJECT"] = "0",
        ["WOMBAT_LOG_LEVEL"] = "warning",
        ["WOMBAT_RECONCILER_INTERVAL_SECONDS"] = "10",
        ["WOMBAT_JOBS_LEASE_SECONDS"] = "60",
    };
    private WombatProcess wombat = null!;
    private WombatClient client = null!;
    private string project = "";

    private string Data => Path.Combine(folder.Path, "data");

    /// <param name="parts">create, rotate, restore, living, rows; all when empty.</param>
    public static async Task RunAsync(string[] parts)
    {
        await using var bench = new DatabaseBench();
        await bench.StartAsync();
        foreach (var part in parts is [] ? ["create", "rotate", "restore", "living", "rows"] : parts)
        {
            await (
                part switch
                {
                    "create" => bench.CreateAsync(),
                    "rotate" => bench.RotateAsync(),
                    "restore" => new DatabaseRestoreBench(bench.client, bench.project, bench.Data).RunAsync(),
                    "living" => bench.LivingAsync(),
                    "rows" => bench.RowsAsync(),
                    _ => throw new ArgumentException($"{part} is none of create, rotate, restore, living, rows.", nameof(parts)),
                }
            );
        }
    }

    private async Task StartAsync()
    {
        wombat = WombatProcess.Start(Data, environment);
        client = await wombat.ReadyAsync(Data);
        project = await client.CreateProjectAsync();
        await client.PutAsync("/api/v1/tiers/dev", """{"deletion_policy":"hard_delete","grace_days":0}""");

        // The plugin prepares databases from its first call on.
        await client.PostAsync($"/api/v1/projects/{project}/databases/plan", """{"name":"first","tier":"dev"}""");
    }

    // Baseline: initdb, start and select 1 by hand, without TLS, roles and a backup.
    private async Task CreateAsync()
    {
        var (prepared, bare, unprepared) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Created; round++)
        {
            await Eventually.UntilAsync(IsPrepared, "a database is prepared");
            prepared.Add(await CreateOneAsync($"fast-{round}"));
            if (round % 5 == 0)
            {
                // The server prepares the next database after each creation.
                await Eventually.UntilAsync(IsPrepared, "a database is prepared");
                bare.Add(await BareAsync());
                Directory.Delete(Prepared, recursive: true);
                unprepared.Add(await CreateOneAsync($"slow-{round}"));
            }
        }

        Report.Line("create-to-select-1-p50-prepared", Report.Quantile(prepared, 0.5), Report.Quantile(bare, 0.5), "ms");
        Report.Line("create-to-select-1-p99-prepared", Report.Quantile(prepared, 0.99), Report.Quantile(bare, 0.99), "ms");
        Report.Line("create-to-select-1-p50-unprepared", Report.Quantile(unprepared, 0.5), Report.Quantile(bare, 0.5), "ms");
    }

    private string Prepared => Path.Combine(Data, "databases", ".prepared");

    private bool IsPrepared() =>
        Directory.Exists(Prepared)
        && Directory.GetDirectories(Prepared) is { Length: > 0 } all
        && all.All(d => !Path.GetFileName(d).StartsWith("new-", StringComparison.Ordinal));

    private async Task<double> CreateOneAsync(string name)
    {
        var from = Stopwatch.GetTimestamp();
        var path = await client.CreateDatabaseAsync(project, name);
        await ExecuteAsync(await client.RevealAsync(path), "select 1");
        var took = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        await client.WaitForJobAsync((await client.DeleteAsync(path)).Location!, 120);
        return took;
    }

    private async Task<double> BareAsync()
    {
        using var bare = new TestFolder();
        var from = Stopwatch.GetTimestamp();
        var postgres = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(bare.Path));
        var connection = postgres.ConnectionString();
        await postgres.StartAsync(default);
        await ExecuteAsync(connection, "select 1");
        var took = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        await postgres.StopAsync(default);
        return took;
    }

    // Clients that reconnect after 20 statements, with the password of the last reveal. The baseline counts connections.
    private async Task RotateAsync()
    {
        await client.PutAsync(
            "/api/v1/tiers/bench-rotate",
            """{"cpu":2,"max_connections":120,"deletion_policy":"hard_delete","grace_days":0}"""
        );
        var path = await client.CreateDatabaseAsync(project, "rotated", "bench-rotate");
        var load = new ReconnectingClients(await client.RevealAsync(path));
        var running = load.RunAsync(Clients);
        for (var round = 0; round < Rotations; round++)
        {
            var rotation = await client.PostAsync($"{path}/credentials/rotate", """{"end_sessions":false}""");
            await client.WaitForJobAsync(rotation.Location!, 60);
            load.Credentials = await client.RevealAsync(path);
            await Task.Delay(RotationInterval);
        }

        load.Stop();
        await running;
        Report.Note($"rotate: {Rotations} rotations, {load.Statements} statements of {Clients} clients; {load.LastFailure}");
        Report.Line("rotate-refused-connections", load.Refused, load.Connections, "");
        Report.Line("rotate-failed-statements", load.Failed, load.Statements, "");
    }

    // Baseline of the start: the same start without databases. Baseline of the memory: one server with the settings of initdb.
    private async Task LivingAsync()
    {
        var empty = await RestartAsync(0);
        var bare = await BareMemoryAsync();
        await client.PutAsync("/api/v1/tiers/bench-living", """{"deletion_policy":"hard_delete","grace_days":0}""");
        for (var n = 0; n < Living; n++)
        {
            await client.CreateDatabaseAsync(project, $"living-{n}", "bench-living");
        }

        var each = ServerMemory(Path.Combine(Data, "databases")) / Living;
        var full = await RestartAsync(Living);
        Report.Line($"start-to-{Living}-observed-databases", full, empty, "s");
        Report.Line("memory-of-one-of-200-servers", each / 1e6, bare / 1e6, "MB");
        Report.Note($"Wombat itself: {wombat.ResidentBytes / 1e6:0} MB");
    }

    // Databases of which this machine has no files. Baseline: the same start without them.
    private async Task RowsAsync()
    {
        var database = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(Data)).ConnectionString();
        await client.CreateDatabaseAsync(project, "pattern");
        var empty = await RestartAsync(0);
        await ExecuteAsync(
            database,
            $"""
            insert into resources select new.* from resources r, generate_series(1, {Rows}) n,
                lateral (select uuidv7() as fresh, n as number) f, jsonb_populate_record(
                r, jsonb_build_object('id', fresh, 'name', 'row-' || n, 'external_name', 'row-' || n, 'external_id', fresh,
                    'drift', '[]'::jsonb,
                    'status', 'missing', 'last_restorable_at', null)) new
            where r.name = 'pattern' and n > 0
            """
        );
        await ObserveRowsAsync(database, TimeProvider.System.GetUtcNow());
        var full = await RestartAsync(0, began => ObserveRowsAsync(database, began));
        Report.Line($"start-to-{Rows}-observed-rows", full, empty, "s");
        Report.Note($"Wombat itself: {wombat.ResidentBytes / 1e6:0} MB");
        await ExecuteAsync(database, "delete from resources where name like 'row-%'");
    }

    private static Task ObserveRowsAsync(string database, DateTimeOffset since) =>
        Eventually.UntilAsync(
            async () =>
                await ExecuteAsync(database, $"select count(*) from resources where name like 'row-%' and observed_at >= '{since:O}'")
                    is (long)Rows,
            "all rows are observed",
            TimeSpan.FromMinutes(3)
        );

    /// <summary>Seconds from the start of the process until the reconciler has observed all databases since.</summary>
    private async Task<double> RestartAsync(int databases, Func<DateTimeOffset, Task>? observed = null)
    {
        client.Dispose();
        await wombat.TerminateAsync();
        await wombat.DisposeAsync();
        var (from, began) = (Stopwatch.GetTimestamp(), TimeProvider.System.GetUtcNow());
        wombat = WombatProcess.Start(Data, environment);
        client = await wombat.ReadyAsync(Data);
        Report.Note($"ready after {Stopwatch.GetElapsedTime(from).TotalSeconds:0.00} s with {databases} databases");
        observed ??= since =>
            Eventually.UntilAsync(async () => await ObservedAsync(since) >= databases, "all are observed", TimeSpan.FromMinutes(2));
        await observed(began);
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private async Task<int> ObservedAsync(DateTimeOffset since)
    {
        var page = (await client.GetAsync("/api/v1/databases?status=ready&limit=200")).Body!;
        return page["items"]!.AsArray().Count(d => d!["observed_at"] is { } at && DateTimeOffset.Parse((string)at!) >= since);
    }

    private async Task<double> BareMemoryAsync()
    {
        using var bare = new TestFolder();
        var postgres = new EmbeddedPostgres(
            EmbeddedPostgresOptions.ForDataDirectory(bare.Path) with
            {
                Settings = new Dictionary<string, string>(StringComparer.Ordinal),
            }
        );
        var connection = postgres.ConnectionString();
        await postgres.StartAsync(default);
        await ExecuteAsync(connection, "select 1");
        var memory = ServerMemory(bare.Path);
        await postgres.StopAsync(default);
        return memory;
    }

    // Proportional set size: shared pages count once over all processes that map them.
    private static double ServerMemory(string below) =>
        Process
            .GetProcessesByName("postgres")
            .Where(p => Target($"/proc/{p.Id}/cwd").StartsWith(below, StringComparison.Ordinal))
            .Sum(p => 1024.0 * ProportionalKib(p.Id));

    private static string Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long ProportionalKib(int process) =>
        File.ReadLines($"/proc/{process}/smaps_rollup")
            .Where(l => l.StartsWith("Pss:", StringComparison.Ordinal))
            .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]))
            .First();

    internal static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in (await client.GetAsync("/api/v1/databases?limit=200")).Body!["items"]!.AsArray())
        {
            if ((await client.DeleteAsync($"/api/v1/databases/{database!["id"]}")).Location is { } job)
            {
                await client.WaitForJobAsync(job, 120);
            }
        }

        client.Dispose();
        await wombat.TerminateAsync();
        await wombat.DisposeAsync();
        folder.Dispose();
    }
}
