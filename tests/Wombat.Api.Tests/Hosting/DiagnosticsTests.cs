using System.Net;
using System.Net.Sockets;
using Wombat.Infrastructure.Postgres;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>What an operator reads: log lines, errors of a failed start, metrics.</summary>
[Category("Slow")]
public sealed class DiagnosticsTests
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Test]
    public async Task Start_WhenPortIsTaken_FailsBeforeTheDatabaseIsCreated()
    {
        using var folder = new TestFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var wombat = WombatProcess.Start(Path.Combine(folder.Path, "data"), port: port);
        Assert.That(await wombat.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(
            wombat.Output.Trim().Split('\n'),
            Is.EqualTo(new[] { $"port: 127.0.0.1:{port} is in use by another program" }),
            wombat.Output
        );
        Assert.That(Directory.Exists(Path.Combine(folder.Path, "data", "postgres")), Is.False);
    }

    [Test]
    public async Task Start_WhenPostgresIsUnreachable_FailsWithOneLine()
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
            ["ConnectionStrings__Wombat"] = $"Host=127.0.0.1;Port={FreePort.Next()};Username=u;Password=s3cret;Database=w",
        };
        await using var wombat = WombatProcess.Start(folder.Path, environment);
        await Eventually.UntilAsync(
            () => wombat.Output.Contains("Waiting up to 30 s for PostgreSQL at 127.0.0.1", StringComparison.Ordinal),
            "the wait is logged"
        );
        Assert.That(await wombat.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(
            wombat.Output,
            Does.Contain("Wombat cannot start: PostgreSQL at 127.0.0.1 port ")
                .And.Contain("did not accept a connection within 30 s")
                .And.Not.Contain("s3cret")
                .And.Not.Contain("   at ")
        );
    }

    [Test]
    public async Task FailedRequestsAndJobs_Always_HaveALogLineWithTheirTraceId()
    {
        using var folder = new TestFolder();
        await using var postgres = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(Path.Combine(folder.Path, "server")));
        var connectionString = postgres.ConnectionString();
        await postgres.StartAsync(CancellationToken.None);
        var cli = ScriptedCli.Write(folder.Path, "cli", "echo 'no space left' >&2; exit 3");
        var data = Path.Combine(folder.Path, "data");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PROXMOX_CLI_PATH"] = cli,
            ["ConnectionStrings__Wombat"] = connectionString,
            ["WOMBAT_METRICS_TOKEN"] = Token,
            ["WOMBAT_LOG_LEVELS"] = "Npgsql.Command=debug",
        };
        await using var wombat = WombatProcess.Start(data, environment);
        using var client = await wombat.ReadyAsync(data);
        using var scraper = client.With(Token);

        var refused = await client.GetAsync("/api/v1/projects/00000000-0000-0000-0000-000000000001");
        var trace = (string)refused.Body!["trace_id"]!;
        await Eventually.UntilAsync(() => wombat.Output.Contains(trace, StringComparison.Ordinal), "the failed request has a line");
        var asked = await client.PostAsync(
            $"/api/v1/projects/{await client.CreateProjectAsync()}/containers",
            """{"template":"busybox"}"""
        );
        if (asked.Status == HttpStatusCode.Accepted)
        {
            Assert.That((string)(await client.WaitForJobAsync(asked.Location!))["status"]!, Is.EqualTo("failed"));
            var ofJob = asked.Headers.GetValues("Trace-Id").Single();
            await Eventually.UntilAsync(
                () => wombat.Output.Contains($"(trace id {ofJob})", StringComparison.Ordinal),
                "the failed job has a line"
            );
            Assert.That(wombat.Output, Does.Contain("of kind resource.provision for resource"));
        }

        Assert.That(wombat.Output, Does.Contain("\"Category\":\"Npgsql.Command\"").And.Contain("insert into").IgnoreCase);
        Assert.That(
            wombat.Output,
            Does.Not.Contain(await File.ReadAllTextAsync(Path.Combine(data, "admin-token"))),
            "the log has no parameter values"
        );
        var metrics = await scraper.GetAsync("/metrics");
        Assert.That(
            metrics.Text,
            Does.Contain("wombat_database_up 1")
                .And.Contain("wombat_build_info{")
                .And.Contain("process_resident_memory_bytes ")
                .And.Contain("wombat_event_sequencer_lag_seconds ")
        );
        foreach (var path in new[] { "/api/v1/projects", "/api/v1/session", "/api/v1/plugins", "/api/v1/users", "/api/v1/events" })
        {
            Assert.That((await scraper.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.Forbidden), path);
        }

        await postgres.StopAsync(CancellationToken.None);
        await Eventually.UntilAsync(
            async () => (await scraper.GetAsync("/metrics")).Text.Contains("wombat_database_up 0", StringComparison.Ordinal),
            "the metrics report that the database is unavailable"
        );
        for (var i = 0; i < 5; i++)
        {
            Assert.That((await client.GetAsync("/api/v1/projects?q=x")).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        await postgres.StartAsync(CancellationToken.None);
        await Eventually.UntilAsync(
            () => wombat.Output.Contains("The database is available again", StringComparison.Ordinal),
            "the database is available again"
        );
        Assert.That(wombat.Output.Split("\"Message\":\"The database is unavailable").Length - 1, Is.EqualTo(1), wombat.Output);
        Assert.That(wombat.Output.Split("\"Message\":\"The database is available again").Length - 1, Is.EqualTo(1), wombat.Output);
    }
}
