using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Databases;

/// <summary>Databases through all layers, on real PostgreSQL servers of this machine.</summary>
[Category("Slow")]
public sealed class DatabaseApiTests
{
    private TestServer server = null!;
    private string project = "";

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["RECONCILER_INTERVAL_SECONDS"] = "1" }
        );
        project = await Client.CreateProjectAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Client.PutAsync("/api/v1/tiers/dev", """{"deletion_policy":"hard_delete","grace_days":0}""");
        foreach (var database in (await Client.GetAsync("/api/v1/databases?limit=200")).Body!["items"]!.AsArray())
        {
            var deleted = await Client.DeleteAsync($"/api/v1/databases/{database!["id"]}");
            if (deleted.Location is { } job)
            {
                await Client.WaitForJobAsync(job);
            }
        }

        await server.DisposeAsync();
    }

    [Test]
    public async Task Database_CreatedRevealedDeletedUndeleted_KeepsItsRowsAndCredentials()
    {
        var path = await CreateAsync("orders");
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That((string)database["status"]!, Is.EqualTo("ready"), database.ToJsonString());
        Assert.That(database["endpoint"]!["host"]!.ToString(), Is.EqualTo("127.0.0.1"));
        Assert.That(database.ToJsonString(), Does.Not.Contain("password"));
        var connection = await RevealAsync(path);
        await ExecuteAsync(connection, "create table t (a int); insert into t values (7)");

        var deleted = await Client.DeleteAsync(path);
        Assert.That(deleted.Status, Is.EqualTo(HttpStatusCode.Accepted), deleted.ToString());
        await SucceedsAsync(deleted.Location!);
        Assert.That(async () => await ExecuteAsync(connection, "select 1"), Throws.InstanceOf<NpgsqlException>());
        var gone = (await Client.GetAsync(path)).Body!;
        Assert.That((string)gone["status"]!, Is.EqualTo("deleted"));
        Assert.That(gone["restorable_until"], Is.Not.Null);
        Assert.That(Actions(gone), Does.Contain("undelete"));

        var back = await Client.PostAsync($"{path}/undelete");
        Assert.That(back.Status, Is.EqualTo(HttpStatusCode.Accepted), back.ToString());
        await SucceedsAsync(back.Location!);
        Assert.That(await ScalarAsync(connection, "select a from t"), Is.EqualTo(7));
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("ready"));
    }

    [Test]
    public async Task Restore_ToTheSecondBeforeAMistake_HasTheRows()
    {
        var path = await CreateAsync("ledger");
        var connection = await RevealAsync(path);
        await ExecuteAsync(connection, "create table entries as select generate_series(1, 1000) as id");
        await BackUpAsync(path);
        var before = new DateTimeOffset((DateTime)(await ScalarAsync(connection, "select clock_timestamp()"))!);
        await ExecuteAsync(connection, "select pg_sleep(0.05)");
        await ExecuteAsync(connection, "drop table entries");
        await Eventually.GetAsync(
            () => Client.GetAsync($"{path}/backups"),
            a => a.Body?["last_restorable_at"] is { } last && DateTimeOffset.Parse((string)last!) >= before,
            "the mistake is archived",
            TimeSpan.FromSeconds(60)
        );
        var target = before.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
        var restored = await Client.PostAsync($"{path}/restore", $$"""{"name":"ledger-restored","target_time":"{{target}}"}""");
        Assert.That(restored.Status, Is.EqualTo(HttpStatusCode.Accepted), restored.ToString());
        await SucceedsAsync(restored.Location!);
        var copy = await RevealAsync($"/api/v1/databases/{restored.Body!["id"]}");
        Assert.That(await ScalarAsync(copy, "select count(*) from entries"), Is.EqualTo(1000L));
    }

    [Test]
    public async Task Restore_ToATimeThatCannotBeRestored_NamesTheNearest()
    {
        var path = await CreateAsync("timeless");
        await BackUpAsync(path);
        var refused = await Client.PostAsync($"{path}/restore", """{"name":"never","target_time":"2001-01-01T00:00:00Z"}""");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.Text, Does.Contain("the nearest time that can be is 2"));
    }

    [Test]
    public async Task User_ReadOnlyWithAnExpiry_MaySelectUntilItsEnd()
    {
        var path = await CreateAsync("reports");
        var owner = await RevealAsync(path);
        await ExecuteAsync(owner, "create table t (a int); insert into t values (1)");
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(10);
        var asked = await Client.PostAsync(
            $"{path}/users",
            $$"""{"name":"ann","role":"read_only","expires_at":"{{expires:yyyy-MM-ddTHH:mm:ss.fffZ}}","reason":"Ticket 42"}"""
        );
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        await SucceedsAsync(asked.Location!);
        var user = await RevealAsync(path, "ann");
        await using var source = NpgsqlDataSource.Create(user);
        await using var session = await source.OpenConnectionAsync();
        await using (var select = new NpgsqlCommand("select a from t", session))
        {
            Assert.That(await select.ExecuteScalarAsync(), Is.EqualTo(1));
        }

        await using (var insert = new NpgsqlCommand("insert into t values (2)", session))
        {
            Assert.That(async () => await insert.ExecuteNonQueryAsync(), Throws.InstanceOf<PostgresException>());
        }

        await Eventually.UntilAsync(
            async () =>
            {
                try
                {
                    await using var probe = new NpgsqlCommand("select 1", session);
                    await probe.ExecuteScalarAsync();
                    return false;
                }
                catch (NpgsqlException)
                {
                    return true;
                }
            },
            "the open session is ended",
            TimeSpan.FromSeconds(30)
        );
        Assert.That(async () => await ExecuteAsync(user, "select 1"), Throws.InstanceOf<NpgsqlException>());
        var events = await Client.GetAsync($"/api/v1/events?action=database.save_user_requested&project_id={project}");
        Assert.That(events.Text, Does.Contain("Ticket 42"));
    }

    [Test]
    public async Task Rotate_WhileConnected_ReplacesThePasswordAndKeepsTheSession()
    {
        var path = await CreateAsync("rotated");
        var old = await RevealAsync(path);
        await using var source = NpgsqlDataSource.Create(old);
        await using var session = await source.OpenConnectionAsync();
        await SucceedsAsync((await Client.PostAsync($"{path}/credentials/rotate", """{"end_sessions":false}""")).Location!);
        var current = await RevealAsync(path);
        Assert.That(current, Is.Not.EqualTo(old));
        Assert.That(await ScalarAsync(current, "select 1"), Is.EqualTo(1));
        await using var still = new NpgsqlCommand("select 2", session);
        Assert.That(await still.ExecuteScalarAsync(), Is.EqualTo(2));
        var log = await Client.GetAsync($"/api/v1/jobs?resource_id={path.Split('/')[^1]}&kind=database.rotate");
        Assert.That(log.Text, Does.Not.Contain(new NpgsqlConnectionStringBuilder(current).Password));
    }

    [Test]
    public async Task Freeze_WithAReason_RefusesWritesUntilUnfrozen()
    {
        var path = await CreateAsync("frozen");
        var connection = await RevealAsync(path);
        await ExecuteAsync(connection, "create table t (a int)");
        await SucceedsAsync((await Client.PostAsync($"{path}/freeze", """{"reason":"Audit"}""")).Location!);
        var frozen = (await Client.GetAsync(path)).Body!;
        Assert.That((string)frozen["status"]!, Is.EqualTo("frozen"), frozen.ToJsonString());
        Assert.That((string)frozen["status_reason"]!, Does.Contain("Audit"));
        Assert.That(async () => await ExecuteAsync(connection, "insert into t values (1)"), Throws.InstanceOf<PostgresException>());
        await SucceedsAsync((await Client.PostAsync($"{path}/unfreeze")).Location!);
        await ExecuteAsync(connection, "insert into t values (1)");
    }

    [Test]
    public async Task Database_WithAnExpiry_IsDeletedByItself()
    {
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(4);
        var path = await CreateAsync("passing", $$""","expires_at":"{{expires:yyyy-MM-ddTHH:mm:ss.fffZ}}" """);
        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(60), "deleted");
    }

    private async Task<string> CreateAsync(string name, string more = "")
    {
        var answer = await Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"dev"{{more}}}""");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
        await SucceedsAsync(answer.Location!);
        return $"/api/v1/databases/{answer.Body!["id"]}";
    }

    private async Task SucceedsAsync(string job)
    {
        var ended = await Client.WaitForJobAsync(job, seconds: 120);
        Assert.That(
            (string)ended["status"]!,
            Is.EqualTo("succeeded"),
            $"{ended.ToJsonString()} {(await Client.GetAsync($"{job}/log")).Text}"
        );
    }

    private async Task BackUpAsync(string path)
    {
        var backup = await Client.PostAsync($"{path}/backups");
        Assert.That(backup.Status, Is.EqualTo(HttpStatusCode.Accepted), backup.ToString());
        await SucceedsAsync(backup.Location!);
    }

    private async Task<string> RevealAsync(string path, string? user = null)
    {
        var answer = await Client.PostAsync($"{path}/credentials/reveal", user is null ? "{}" : $$"""{"user":"{{user}}"}""");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
        return LocalDatabases.ConnectionString(answer.Body!);
    }

    private static IEnumerable<string> Actions(JsonNode resource) => resource["actions"]!.AsArray().Select(a => (string)a!);

    private static async Task ExecuteAsync(string connectionString, string sql) => await ScalarAsync(connectionString, sql);

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
