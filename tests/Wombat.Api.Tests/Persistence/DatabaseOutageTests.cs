using System.Net;
using Npgsql;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Persistence;

/// <summary>PostgreSQL stopped, hung or read-only: 503 meanwhile, nothing lost or doubled, and recovery without a restart.</summary>
[Category("Slow")]
[NonParallelizable]
public sealed class DatabaseOutageTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(8);

    [Test]
    public async Task Requests_WhenPostgresStopsUnderLoad_Get503AndRecover()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");

        // An external server: Wombat would restart its own.
        await using var postgres = Server(folder);
        var connectionString = postgres.ConnectionString();
        await postgres.StartAsync(CancellationToken.None);
        await using var wombat = WombatProcess.Start(
            data,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
                ["ConnectionStrings__Wombat"] = connectionString,
            }
        );
        using var client = await wombat.ReadyAsync(data);
        using var enough = new CancellationTokenSource();
        var created = new System.Collections.Concurrent.ConcurrentBag<string>();
        var others = new System.Collections.Concurrent.ConcurrentDictionary<HttpStatusCode, int>();
        var load = Enumerable
            .Range(0, 8)
            .Select(worker =>
                Task.Run(async () =>
                {
                    for (var i = 0; !enough.IsCancellationRequested; i++)
                    {
                        // With a key, a client can repeat the request until it is answered, and creates one project.
                        var name = $"load-w{worker}-n{i}";
                        while (true)
                        {
                            var answer = await client.PostAsync(
                                "/api/v1/projects",
                                $$"""{"name":"{{name}}","unix_name":"{{name}}"}""",
                                ("Idempotency-Key", name)
                            );
                            if (answer.Status == HttpStatusCode.Created)
                            {
                                created.Add(name);
                                break;
                            }

                            others.AddOrUpdate(answer.Status, 1, (_, n) => n + 1);
                            Assert.That(
                                (answer.ContentType, answer.Code),
                                Is.EqualTo(("application/problem+json", "database_unavailable")),
                                answer.ToString()
                            );
                            await Task.Delay(200);
                        }

                        await Task.Delay(10);
                    }
                })
            )
            .ToList();

        await Eventually.UntilAsync(() => created.Count > 50, "the load runs");
        await postgres.StopAsync(CancellationToken.None);
        var outage = Task.Delay(Outage);
        await Eventually.GetAsync(
            () => client.GetAsync("/health/ready"),
            a => a.Status == HttpStatusCode.ServiceUnavailable,
            "the outage is reported"
        );
        Assert.That((await client.GetAsync("/health/live")).Status, Is.EqualTo(HttpStatusCode.OK));
        await outage;
        var before = created.Count;
        await postgres.StartAsync(CancellationToken.None);
        await Eventually.UntilAsync(() => created.Count > before + 50, "the load continues");
        await enough.CancelAsync();
        await Task.WhenAll(load);

        Assert.That(others.Keys, Is.EqualTo(new[] { HttpStatusCode.ServiceUnavailable }));
        Assert.That((await client.GetAsync("/health/ready")).Status, Is.EqualTo(HttpStatusCode.OK));
        var stored = new List<string>();
        for (string? cursor = ""; cursor is not null; )
        {
            var page = (await client.GetAsync($"/api/v1/projects?limit=200{(cursor.Length > 0 ? "&cursor=" + cursor : "")}")).Body!;
            stored.AddRange(page["items"]!.AsArray().Select(p => (string)p!["unix_name"]!));
            cursor = (string?)page["next_cursor"];
        }

        Assert.That(stored, Is.EquivalentTo(created), "exactly the projects of successful answers exist, once each");
        TestContext.Out.WriteLine($"{created.Count} projects, {others.Values.Sum()} answers of 503");
    }

    [Test]
    public async Task Change_WhenDatabaseIsReadOnly_Is503UntilItIsWritable()
    {
        await using var server = await TestServer.StartAsync();
        await SetReadOnlyAsync(server.ConnectionString, "on");
        for (var i = 0; i < 10; i++)
        {
            var refused = await server.Client.PostAsync("/api/v1/projects", """{"name":"While","unix_name":"while"}""");
            Assert.That(
                (refused.Status, refused.Code),
                Is.EqualTo((HttpStatusCode.ServiceUnavailable, "database_unavailable")),
                refused.ToString()
            );
        }

        await SetReadOnlyAsync(server.ConnectionString, "off");
        Answer after;
        do
        {
            after = await server.Client.PostAsync("/api/v1/projects", """{"name":"After","unix_name":"after"}""");
        } while (after.Status == HttpStatusCode.ServiceUnavailable);

        Assert.That(after.Status, Is.EqualTo(HttpStatusCode.Created), after.ToString());
        Assert.That((await server.Client.GetAsync("/api/v1/projects?include_total=true")).Body!["total"]!.GetValue<int>(), Is.EqualTo(1));
    }

    [TestCase("statement_timeout")]
    [TestCase("lock_timeout")]
    public async Task Request_WhenDatabaseHasATimeout_OverridesIt(string setting)
    {
        await using var server = await TestServer.StartAsync();
        // Longer than the query of types with which Npgsql begins, before any setting.
        await server.ExecuteAsync(
            $"alter database {new NpgsqlConnectionStringBuilder(server.ConnectionString).Database} set {setting} = '100ms'"
        );
        await using var limited = await TestServer.StartAsync(share: server);
        var project = await server.Client.CreateProjectAsync();
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false, Options = $"-c {setting}=0" }.ConnectionString
        );
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand($"select 1 from projects where id = '{project}' for update", connection))
        {
            await hold.ExecuteScalarAsync();
        }

        var waiting = limited.Client.PatchAsync($"/api/v1/projects/{project}", """{"name":"Renamed"}""");
        await Eventually.UntilAsync(
            () =>
                server.ScalarAsync<bool>(
                    $"select exists (select 1 from pg_stat_activity where {connection.ProcessID} = any(pg_blocking_pids(pid)) "
                        + "and now() - query_start > interval '300 ms')"
                )!,
            "the request has waited for longer than the timeout"
        );
        await transaction.CommitAsync();
        Assert.That((await waiting).Status, Is.EqualTo(HttpStatusCode.OK), (await waiting).ToString());
    }

    [Test]
    public async Task Job_WhenDatabaseHangs_StopsBeforeItsLeaseExpires()
    {
        using var folder = new TestFolder();
        await using var postgres = Server(folder);
        var connectionString = postgres.ConnectionString();
        await postgres.StartAsync(CancellationToken.None);
        var cli = ScriptedCli.Write(
            folder.Path,
            "cli",
            """
            here="$(dirname "$0")"; n=0; while [ $# -gt 0 ]; do [ "$1" = --name ] && n="$2"; shift; done
            if [ ! -f "$here/reached" ]; then echo $$ >"$here/draft"; mv "$here/draft" "$here/reached"; exec sleep 60; fi
            echo "{\"id\":\"$n\",\"name\":\"$n\",\"status\":\"running\"}"
            """
        );
        var data = Path.Combine(folder.Path, "data");
        await using var wombat = WombatProcess.Start(
            data,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PROXMOX_CLI_PATH"] = cli,
                ["ConnectionStrings__Wombat"] = connectionString,
            }
        );
        using var client = await wombat.ReadyAsync(data);
        var (_, job) = await client.CreateContainerAsync(await client.CreateProjectAsync());
        var reached = Path.Combine(folder.Path, "reached");
        await Eventually.UntilAsync(() => File.Exists(reached), "the work has begun");
        var work = $"/proc/{(await File.ReadAllTextAsync(reached)).Trim()}";
        var server = File.ReadLines(Path.Combine(folder.Path, "server", "postgres", "data", "postmaster.pid")).First();
        await SignalAsync("-STOP", server);
        try
        {
            // Lease 2 s, and 2 s between SIGTERM and SIGKILL; the driver alone would wait for 30 s.
            await Eventually.UntilAsync(() => !Directory.Exists(work), "the work has ended", TimeSpan.FromSeconds(6));
        }
        finally
        {
            await SignalAsync("-CONT", server);
        }

        var ended = await client.WaitForJobAsync(job, 40);
        Assert.That(((string)ended["status"]!, (int)ended["attempt"]!), Is.EqualTo(("succeeded", 2)), ended.ToJsonString());
    }

    private static EmbeddedPostgres Server(TestFolder folder) =>
        new(EmbeddedPostgresOptions.ForDataDirectory(Path.Combine(folder.Path, "server")));

    // Applies to new sessions; existing ones are terminated.
    private static async Task SetReadOnlyAsync(string connectionString, string value)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                Options = "-c default_transaction_read_only=off",
            }.ConnectionString
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"alter database {connection.Database} set default_transaction_read_only = {value}; select pg_terminate_backend(pid) "
                + "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            connection
        );
        await command.ExecuteNonQueryAsync();
    }

    // To the server and its child processes.
    private static async Task SignalAsync(string signal, string server)
    {
        await ChildProcess.RunAsync(
            new ChildCommand("/usr/bin/pkill", [signal, "-P", server], TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );
        await ChildProcess.RunAsync(new ChildCommand("/bin/kill", [signal, server], TimeSpan.FromSeconds(5)), CancellationToken.None);
    }
}
