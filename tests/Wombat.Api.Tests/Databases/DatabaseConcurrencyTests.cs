using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Databases;

/// <summary>Requests that cross each other, and two replicas, on real PostgreSQL servers of this machine.</summary>
[Category("Slow")]
public sealed class DatabaseConcurrencyTests
{
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal) { ["RECONCILER_INTERVAL_SECONDS"] = "1" };

    private TestServer server = null!;
    private string project = "";

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(Settings);
        project = await Client.CreateProjectAsync();
        await Client.PutAsync("/api/v1/tiers/dev", """{"deletion_policy":"hard_delete","grace_days":0,"backup_schedule":"0 0 1 1 *"}""");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var database in (await Client.GetAsync("/api/v1/databases?limit=200")).Body!["items"]!.AsArray())
        {
            if ((await Client.DeleteAsync($"/api/v1/databases/{database!["id"]}")).Location is { } job)
            {
                await Client.WaitForJobAsync(job, 120);
            }
        }

        await server.DisposeAsync();
    }

    [Test]
    public async Task Delete_DuringACreate_LeavesNoServer()
    {
        var created = await RequestAsync("short-lived");
        var path = $"/api/v1/databases/{created.Body!["id"]}";
        var deleted = await Eventually.GetAsync(
            () => Client.DeleteAsync(path),
            a => a.Status == HttpStatusCode.Accepted,
            "the deletion is accepted",
            TimeSpan.FromSeconds(60)
        );
        Assert.That((string)(await Client.WaitForJobAsync(deleted.Location!, 120))["status"]!, Is.EqualTo("succeeded"));
        await Client.WaitForJobAsync(created.Location!, 120);
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("deleted"));
        Assert.That(Folders().Select(Path.GetFileName), Has.None.EqualTo((string)created.Body["external_name"]!));
        Assert.That(Folders().Where(f => File.ReadAllText(Path.Combine(f, "instance.json")).Contains("short-lived")), Is.Empty);
    }

    [Test]
    public async Task Rotate_DuringAFreeze_LosesNoPassword()
    {
        var path = await Client.CreateDatabaseAsync(project, "crossed");
        var answers = await Task.WhenAll(
            Client.PostAsync($"{path}/freeze", """{"reason":"Audit"}"""),
            Client.PostAsync($"{path}/credentials/rotate", "{}")
        );
        Assert.That(answers.Select(a => a.Status).Distinct(), Is.SubsetOf(new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict }));
        Assert.That(answers.Select(a => a.Status), Has.Some.EqualTo(HttpStatusCode.Accepted));
        foreach (var answer in answers.Where(a => a.Location is not null))
        {
            await Client.WaitForJobAsync(answer.Location!, 120);
        }

        if ((string)(await Client.GetAsync(path)).Body!["status"]! == "frozen")
        {
            await Client.WaitForJobAsync((await Client.PostAsync($"{path}/unfreeze")).Location!, 60);
        }

        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(30), "ready");
        Assert.That(await ScalarAsync(await Client.RevealAsync(path), "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Restore_WhileTheSourceIsDeleted_IsWholeOrFails()
    {
        var path = await Client.CreateDatabaseAsync(project, "leaving");
        await ScalarAsync(await Client.RevealAsync(path), "create table t as select generate_series(1, 1000) as n");
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/backups")).Location!, 120);
        var backup = (string)(await Client.GetAsync($"{path}/backups")).Body!["items"]![0]!["id"]!;
        var restored = await Client.PostAsync($"{path}/restore", $$"""{"name":"arriving","backup_id":"{{backup}}"}""");
        Assert.That(restored.Status, Is.EqualTo(HttpStatusCode.Accepted), restored.ToString());
        var deleted = await Client.DeleteAsync(path);
        var job = await Client.WaitForJobAsync(restored.Location!, 120);
        if (deleted.Location is not null)
        {
            await Client.WaitForJobAsync(deleted.Location, 120);
        }

        var copy = $"/api/v1/databases/{restored.Body!["id"]}";
        if ((string)job["status"]! == "succeeded")
        {
            Assert.That(await ScalarAsync(await Client.RevealAsync(copy), "select count(*) from t"), Is.EqualTo(1000L));
        }
        else
        {
            var failed = (await Client.GetAsync(copy)).Body!;
            Assert.That((string)failed["status"]!, Is.EqualTo("error"), failed.ToJsonString());
            Assert.That((string?)failed["status_reason"], Is.Not.Empty);
            Assert.That((await Client.DeleteAsync(copy)).Status, Is.EqualTo(HttpStatusCode.Accepted));
        }
    }

    [Test]
    public async Task Server_KilledUnderTwoReplicas_IsStartedOnceAndToldOnce()
    {
        await using var replica = await TestServer.StartAsync(Settings, replicaOf: server);
        var path = await Client.CreateDatabaseAsync(project, "watched");
        var connection = await Client.RevealAsync(path);
        await ScalarAsync(connection, "create table t as select 1 as n");
        var folder = Folders().Single(f => File.ReadAllText(Path.Combine(f, "instance.json")).Contains("watched"));
        System.Diagnostics.Process.GetProcessById(Server(folder)).Kill();

        await Eventually.UntilAsync(async () => await TryScalarAsync(connection, "select n from t") is 1, "the server runs again");
        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(30), "ready");
        var seen = await replica.Client.With(await TokenAsync()).GetAsync(path);
        Assert.That((string)seen.Body!["status"]!, Is.EqualTo("ready"), seen.ToString());
        var events = (await Client.GetAsync($"/api/v1/events?target_id={path.Split('/')[^1]}&limit=100")).Body!["items"]!.AsArray();
        var actions = events.Select(e => (string)e!["action"]!).ToList();
        Assert.That(actions.Count(a => a == "database.requested"), Is.EqualTo(1), string.Join(' ', actions));
        Assert.That(actions.Zip(actions.Skip(1)).Where(p => p.First == p.Second), Is.Empty, "a transition is told twice");
    }

    [TestCase("quote ' \" and $$ dollar $1 and \\ backslash")]
    [TestCase("'; drop table resources; --")]
    [TestCase("$(touch /tmp/wombat-hostile) `id` ${HOME} && : {x: y}")]
    [TestCase("日本語 👩‍👩‍👧‍👦 ümläut")]
    public async Task Database_WithHostileTexts_KeepsThemAndWorks(string text)
    {
        var name = $"h-{Guid.NewGuid():N}"[..20];
        var body = new JsonObject
        {
            ["name"] = name,
            ["tier"] = "dev",
            ["purpose"] = text,
            ["owner"] = text,
        };
        var created = await Client.PostAsync($"/api/v1/projects/{project}/databases", body.ToJsonString());
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Accepted), created.ToString());
        Assert.That((string)(await Client.WaitForJobAsync(created.Location!, 120))["status"]!, Is.EqualTo("succeeded"));
        var path = $"/api/v1/databases/{created.Body!["id"]}";
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That(((string)database["purpose"]!, (string)database["owner"]!), Is.EqualTo((text, text)));
        Assert.That(await ScalarAsync(await Client.RevealAsync(path), "select 1"), Is.EqualTo(1));
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    private Task<Answer> RequestAsync(string name) =>
        Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"dev"}""");

    private async Task<string> TokenAsync() => (await File.ReadAllTextAsync(Path.Combine(server.DataDirectory, "admin-token"))).Trim();

    private IEnumerable<string> Folders() =>
        Directory.GetDirectories(Path.Combine(server.DataDirectory, "databases")).Where(f => File.Exists(Path.Combine(f, "instance.json")));

    private static int Server(string folder) => int.Parse(File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).First());

    private static Task<object?> ScalarAsync(string connection, string sql) => LocalDatabases.ScalarAsync(connection, sql);

    private static async Task<object?> TryScalarAsync(string connection, string sql)
    {
        try
        {
            return await ScalarAsync(connection, sql);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }
}
