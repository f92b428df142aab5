using System.Net;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>Several processes with one PostgreSQL: started at once, and with separate roles.</summary>
[Category("Slow")]
public sealed class RolesTests
{
    [Test]
    public async Task Start_OfThreeReplicasAtOnce_CreatesOneAdminToken()
    {
        using var folder = new TestFolder();
        var database = await SharedPostgres.NewDatabaseAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = database,
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        string Data(int replica) => Path.Combine(folder.Path, $"r{replica}");
        var replicas = Enumerable.Range(0, 3).Select(i => WombatProcess.Start(Data(i), environment)).ToList();
        try
        {
            foreach (var replica in replicas)
            {
                await replica.ListensAsync();
            }

            var holder = Enumerable.Range(0, 3).Single(i => File.Exists(Path.Combine(Data(i), "admin-token")));
            foreach (var replica in replicas)
            {
                using var client = await replica.ReadyAsync(Data(holder));
                Assert.That((await client.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK), replica.Output);
                var hello = replica.Output.Split('\n').Single(l => l.Trim().StartsWith("admin token", StringComparison.Ordinal));
                Assert.That(
                    hello,
                    replica == replicas[holder]
                        ? Does.EndWith(Path.Combine(Data(holder), "admin-token"))
                        : Does.Contain("in the data directory of the first Wombat")
                );
            }
        }
        finally
        {
            await Task.WhenAll(replicas.Select(r => r.DisposeAsync().AsTask()));
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "select (select count(*) from access_tokens), (select count(*) from events where action = 'token.created' "
                + "and target_type = 'platform')"
        );
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        Assert.That((reader.GetInt64(0), reader.GetInt64(1)), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task Roles_InSeparateProcesses_WorkTogether()
    {
        using var folder = new TestFolder();
        var cli = ScriptedCli.Write(
            folder.Path,
            "cli",
            """
            n=0; while [ $# -gt 0 ]; do [ "$1" = --name ] && n="$2"; shift; done
            for i in 1 2 3; do echo "step $i" >&2; sleep 0.1; done
            echo "{\"id\":\"$n\",\"name\":\"$n\",\"status\":\"running\"}"
            """
        );
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync(),
            ["PROXMOX_CLI_PATH"] = cli,
        };
        Dictionary<string, string> With(string roles) => new(environment, StringComparer.Ordinal) { ["WOMBAT_ROLES"] = roles };
        var data = Path.Combine(folder.Path, "api");
        await using var api = WombatProcess.Start(data, With("api"));
        using var client = await api.ReadyAsync(data);
        var (_, job) = await client.CreateContainerAsync(await client.CreateProjectAsync());
        Assert.That((string)(await client.GetAsync(job)).Body!["status"]!, Is.EqualTo("queued"), "no worker runs yet");
        var workerStarted = TimeProvider.System.GetUtcNow();
        await using var worker = WombatProcess.Start(Path.Combine(folder.Path, "worker"), With("worker,reconciler"));
        using var atWorker = await worker.ReadyAsync(data);
        Assert.That((await atWorker.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.NotFound), "a worker has no API");
        var log = await client.GetAsync($"{job}/log?follow=true", ("Accept", "text/plain"));
        Assert.That(log.Text, Does.Contain("step 1").And.Contain("step 3"));
        var ended = await client.WaitForJobAsync(job);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"));
        Assert.That((DateTimeOffset)ended["started_at"]!, Is.GreaterThan(workerStarted), "a worker has run the job");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AdminToken_WhenRenewed_ReplacesTheOldOne(bool embedded)
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" };
        if (!embedded)
        {
            environment["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync();
        }

        await using var wombat = WombatProcess.Start(folder.Path, environment);
        using var old = await wombat.ReadyAsync(folder.Path);
        await using (var command = WombatProcess.Start(folder.Path, environment, null, "admin-token"))
        {
            Assert.That(await command.WaitForExitAsync(), Is.Zero, command.Output);
        }

        await Eventually.GetAsync(
            () => old.GetAsync("/api/v1/projects"),
            a => a.Status == HttpStatusCode.Unauthorized,
            "the old token is rejected"
        );
        using var renewed = await wombat.ReadyAsync(folder.Path);
        var events = (await renewed.GetAsync("/api/v1/events?actor=system")).Body!["items"]!.AsArray();
        Assert.That(
            events.Select(e => ((string)e!["action"]!, (string)e["actor"]!)),
            Is.EqualTo(new[] { ("token.created", "system"), ("token.revoked", "system"), ("token.created", "system") })
        );
        Assert.That(events.ToString(), Does.Not.Contain((await File.ReadAllTextAsync(Path.Combine(folder.Path, "admin-token"))).Trim()));
    }
}
