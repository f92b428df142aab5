using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Databases;

/// <summary>Wombat is killed while it works on databases of this machine, and started again.</summary>
[Category("Slow")]
public sealed class DatabaseKillTests
{
    private KilledWombat wombat = null!;
    private string project = "";

    private WombatClient Client => wombat.Client;

    [SetUp]
    public async Task Start()
    {
        // A backup flushes a thousand files; on a slow disk a shorter lease ends meanwhile.
        wombat = await KilledWombat.StartAsync(("WOMBAT_JOBS_LEASE_SECONDS", "10"));
        project = await Client.CreateProjectAsync();
    }

    [TearDown]
    public Task Stop() => wombat.DisposeAsync().AsTask();

    [TestCase(0)]
    [TestCase(600)]
    public async Task Kill_BetweenAnyTwoSteps_LeavesNoOrphanNoDoubleAndNoLostPassword(int delay)
    {
        var made = $"/api/v1/databases/{await CreateAsync("made", delay)}";
        await ScalarAsync(made, "create table t as select generate_series(1, 500) as a");
        await RunAsync(() => Client.PostAsync($"{made}/credentials/rotate", """{"end_sessions":true}"""), delay / 4);
        Assert.That(await ScalarAsync(made, "select count(*) from t"), Is.EqualTo(500L));
        await RunAsync(() => Client.PostAsync($"{made}/freeze", """{"reason":"Audit"}"""), delay / 2);
        Assert.That(async () => await ScalarAsync(made, "insert into t values (0)"), Throws.TypeOf<PostgresException>());
        await RunAsync(() => Client.PostAsync($"{made}/unfreeze"), delay / 2);
        await ScalarAsync(made, "update t set a = a");
        await NothingIsLeftAsync(servers: 1);
        await RunAsync(() => Client.DeleteAsync(made), delay / 2);
        Assert.That((string)(await Client.GetAsync(made)).Body!["status"]!, Is.EqualTo("deleted"));
        await NothingIsLeftAsync(servers: 0);
    }

    [TestCase(500)]
    public async Task Kill_DuringARestoreOrADrill_LeavesNoThrowAwayDatabase(int delay)
    {
        var kept = $"/api/v1/databases/{await CreateAsync("kept", killAfter: null)}";
        await ScalarAsync(kept, "create table t as select generate_series(1, 500) as a");
        await RunAsync(() => Client.PostAsync($"{kept}/backups"), killAfter: null);
        var restored = await RunAsync(() => Client.PostAsync($"{kept}/restore", """{"name":"restored"}"""), delay);
        Assert.That(await ScalarAsync($"/api/v1/databases/{restored["id"]}", "select count(*) from t"), Is.EqualTo(500L));
        await RunAsync(() => Client.PostAsync($"{kept}/drill"), delay);
        Assert.That((bool)(await Client.GetAsync(kept)).Body!["last_drill"]!["succeeded"]!, Is.True);
        await NothingIsLeftAsync(servers: 2);
    }

    // Sends the request, kills Wombat so long after its answer, starts it again, and waits for the job.
    private async Task<JsonNode> RunAsync(Func<Task<Answer>> request, int? killAfter)
    {
        var accepted = await request();
        KilledWombat.AssertAccepted(accepted);
        if (killAfter is { } delay)
        {
            // The moment is the point of the test.
            await Task.Delay(delay);
            await wombat.KillAsync();
            await wombat.RestartAsync();
        }

        return await wombat.SucceedsAsync(accepted, $"killed after {killAfter} ms");
    }

    private async Task<string> CreateAsync(string name, int? killAfter) =>
        (string)
            (
                await RunAsync(
                    () => Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"dev"}"""),
                    killAfter
                )
            )["id"]!;

    private Task<object?> ScalarAsync(string path, string sql) => wombat.ScalarAsync(path, sql);

    private async Task NothingIsLeftAsync(int servers)
    {
        var root = Path.Combine(wombat.DataDirectory, "databases");
        var rows = (await Client.GetAsync("/api/v1/databases?limit=200")).Body!["items"]!.AsArray();
        var living = rows.Select(r => ((string)r!["id"]!).Replace("-", "", StringComparison.Ordinal)).Select(i => $"wombat-{i}").ToList();
        var running = await Eventually.GetAsync(
            () => Task.FromResult(ServersIn(root)),
            s => s.Select(p => p.Folder).Order(StringComparer.Ordinal).SequenceEqual(living.Order(StringComparer.Ordinal)),
            "each living database has one server, and nothing else has one"
        );
        Assert.That(running, Has.Count.EqualTo(servers));
        Assert.That(Directory.GetDirectories(root, "*-drill"), Is.Empty, "a throw-away database is left");
        await wombat.AssertNoJobRunsAsync();
    }

    // Processes that were started by no other PostgreSQL process of the folder are servers.
    private static List<(string Folder, int Id)> ServersIn(string root)
    {
        var all = new List<(string Folder, int Id, int Parent)>();
        foreach (var process in Directory.GetDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)))
        {
            try
            {
                if (
                    new FileInfo($"{process}/cwd").LinkTarget is { } cwd
                    && cwd.StartsWith(root + "/wombat-", StringComparison.Ordinal)
                    && Path.GetFileName(new FileInfo($"{process}/exe").LinkTarget) == "postgres"
                )
                {
                    var parent = File.ReadLines($"{process}/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal))[5..];
                    all.Add((cwd[(root.Length + 1)..].Split('/')[0], int.Parse(Path.GetFileName(process)), int.Parse(parent)));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // It has ended.
            }
        }

        var ids = all.Select(p => p.Id).ToHashSet();
        return [.. all.Where(p => !ids.Contains(p.Parent)).Select(p => (p.Folder, p.Id))];
    }
}
