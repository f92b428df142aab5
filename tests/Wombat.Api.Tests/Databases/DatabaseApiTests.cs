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

        // Longer than the job takes on a loaded machine.
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(30);
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
            TimeSpan.FromSeconds(60)
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
    public async Task Drift_OfAServer_IsShownAdoptedAndRepaired()
    {
        var path = await CreateAsync("drifting");
        await AlterSystemAsync(path, "work_mem = '9MB'", "log_statement = 'all'");
        var drifted = (await UntilAsync(path, d => d["drift"]!.AsArray().Count == 2, "the changes are shown"))!;
        Assert.That((string)drifted["status"]!, Is.EqualTo("degraded"));
        Assert.That((string)drifted["status_reason"]!, Does.Contain("settings.log_statement, settings.work_mem"));
        Assert.That(Actions(drifted), Does.Contain("repair").And.Contain("adopt"));

        var refused = await Client.PostAsync($"{path}/adopt", "{}");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(refused.Text, Does.Contain("settings.log_statement cannot be adopted"));
        await SucceedsAsync((await Client.PostAsync($"{path}/adopt", """{"fields":["settings.work_mem"]}""")).Location!);
        await UntilAsync(path, d => d["drift"]!.AsArray().Count == 1, "the adopted setting no longer differs");
        await SucceedsAsync((await Client.PostAsync($"{path}/repair")).Location!);
        var repaired = (await Client.GetAsync(path)).Body!;
        Assert.That(((string)repaired["status"]!, repaired["drift"]!.AsArray().Count), Is.EqualTo(("ready", 0)), repaired.ToJsonString());
        Assert.That(Actions(repaired), Does.Not.Contain("repair").And.Not.Contain("adopt"));
        Assert.That(await ScalarAsync(await RevealAsync(path), "select current_setting('work_mem')"), Is.EqualTo("9MB"));
        foreach (var action in new[] { "drifted", "drift_ended", "adopt_requested", "repair_requested" })
        {
            var events = await Client.GetAsync($"/api/v1/events?action=database.{action}&project_id={project}");
            Assert.That(events.Body!["items"]!.AsArray(), Is.Not.Empty, action);
        }
    }

    [Test]
    public async Task Drill_OfABackup_CountsItsRowsAndLeavesNothing()
    {
        var path = await CreateAsync("drilled");
        await ExecuteAsync(await RevealAsync(path), "create table t as select generate_series(1, 1000) as a; create table u (a int)");
        await BackUpAsync(path);
        await UntilAsync(path, d => d["last_restorable_at"] is not null, "the last restorable time is observed");
        await SucceedsAsync((await Client.PostAsync($"{path}/drill")).Location!);
        var drill = (await Client.GetAsync(path)).Body!["last_drill"]!;
        Assert.That((bool)drill["succeeded"]!, Is.True, drill.ToJsonString());
        Assert.That(((int)drill["tables"]!, (long)drill["rows"]!), Is.EqualTo((2, 1000L)));
        Assert.That((double)drill["duration_seconds"]!, Is.GreaterThan(0));
        var folders = Directory.GetDirectories(Path.Combine(server.DataDirectory, "databases"), "*-drill");
        Assert.That(folders, Is.Empty, "a throw-away database is left");

        // A damaged backup fails the next drill, and the database itself works on.
        var id = ((string)(await Client.GetAsync(path)).Body!["id"]!).Replace("-", "", StringComparison.Ordinal);
        var backups = Path.Combine(server.DataDirectory, "databases", $"wombat-{id}", "backups");
        foreach (var file in Directory.GetFiles(backups, "PG_VERSION", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(file, "99");
        }

        var failing = (await Client.PostAsync($"{path}/drill")).Location!;
        Assert.That((string)(await Client.WaitForJobAsync(failing, seconds: 120))["status"]!, Is.EqualTo("failed"));
        var after = (await Client.GetAsync(path)).Body!;
        Assert.That((string)after["last_drill"]!["error"]!, Does.Contain("backup is damaged"), after.ToJsonString());
        Assert.That((string)after["status"]!, Is.EqualTo("ready"));
        var events = await Client.GetAsync($"/api/v1/events?action=database.drill_failed&project_id={project}");
        Assert.That(events.Body!["items"]!.AsArray(), Is.Not.Empty);
    }

    [Test]
    public async Task Drill_OfATierWithASchedule_RunsByItself()
    {
        var tier = await Client.PutAsync(
            "/api/v1/tiers/drilled-often",
            """{"backup_schedule":"0 0 1 1 *","drill_schedule":"* * * * *","deletion_policy":"hard_delete","grace_days":0}"""
        );
        Assert.That(tier.Status, Is.EqualTo(HttpStatusCode.OK), tier.ToString());
        var without = await Client.PutAsync("/api/v1/tiers/never-backed-up", """{"drill_schedule":"* * * * *"}""");
        Assert.That(without.Text, Does.Contain("needs a backup_schedule"));
        var asked = await Client.PostAsync($"/api/v1/projects/{project}/databases", """{"name":"scheduled","tier":"drilled-often"}""");
        await SucceedsAsync(asked.Location!);
        var path = $"/api/v1/databases/{asked.Body!["id"]}";
        var drilled = await Eventually.GetAsync(
            async () => (await Client.GetAsync(path)).Body!["last_drill"],
            d => d is not null,
            "the backup is restored on trial within a minute of its end",
            TimeSpan.FromMinutes(4)
        );
        Assert.That((bool)drilled!["succeeded"]!, Is.True, drilled.ToJsonString());
    }

    [Test]
    public async Task Gets_WhileTheServerIsDown_AnswerAndChangeNothing()
    {
        var path = await CreateAsync("quiet");
        await BackUpAsync(path);
        var folder = FolderOf(path);
        Directory.Move(Path.Combine(folder, "data"), Path.Combine(folder, "data.away"));
        try
        {
            foreach (var get in new[] { "connection", "connection?format=jdbc", "backups", "users" })
            {
                var answer = await Client.GetAsync($"{path}/{get}");
                Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), $"{get}: {answer}");
            }

            Assert.That(Directory.Exists(Path.Combine(folder, "data")), Is.False);
        }
        finally
        {
            Directory.Move(Path.Combine(folder, "data.away"), Path.Combine(folder, "data"));
        }
    }

    [Test]
    public async Task Backups_ThatAreMissing_AreWarnedAboutUntilThereIsOne()
    {
        var path = await CreateAsync("silent");
        await UntilAsync(path, d => d["last_restorable_at"] is not null, "the first backup was made");
        var id = path.Split('/')[^1];
        await Eventually.UntilAsync(
            async () =>
            {
                // The next observation corrects it.
                await server.ExecuteAsync($"update resources set last_restorable_at = now() - interval '3 days' where id = '{id}'");
                var events = await Client.GetAsync($"/api/v1/events?action=database.backup_overdue&project_id={project}");
                return events.Body!["items"]!.AsArray().Count > 0;
            },
            "the missing backup is an event",
            TimeSpan.FromSeconds(60)
        );
        await UntilAsync(path, d => d["backup_overdue_since"] is null, "the observed backup ends the warning");
        var metrics = (await Client.GetAsync("/metrics")).Text;
        Assert.That(metrics, Does.Match("wombat_databases_backup_age_seconds [0-9]").And.Contain("wombat_databases_backup_overdue "));
    }

    [Test]
    public async Task Resize_ThatTheProviderCannotApply_KeepsTheTier()
    {
        var path = await CreateAsync("unbroken");
        var connection = await RevealAsync(path);
        await ExecuteAsync(connection, "create table t (a int)");

        // PostgreSQL does not start with it.
        await Client.PutAsync("/api/v1/tiers/broken", """{"memory":512,"settings":{"effective_io_concurrency":"100000"}}""");
        var asked = await Client.PostAsync($"{path}/resize", """{"tier":"broken"}""");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var ended = await Client.WaitForJobAsync(asked.Location!, seconds: 120);
        Assert.That((string)ended["status"]!, Is.EqualTo("failed"), ended.ToJsonString());
        var database = await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(60), "ready");
        Assert.That(((string)database["tier"]!, (string?)database["resizing_to"]), Is.EqualTo(("dev", (string?)null)));
        await ExecuteAsync(connection, "insert into t values (1)");

        await Client.PutAsync("/api/v1/tiers/broken", """{"memory":512,"settings":{"effective_io_concurrency":"10"}}""");
        await SucceedsAsync((await Client.PostAsync($"{asked.Location}/retry")).Location!);
        Assert.That((string)(await Client.GetAsync(path)).Body!["tier"]!, Is.EqualTo("broken"));
        Assert.That(await ScalarAsync(connection, "show effective_io_concurrency"), Is.EqualTo("10"));
    }

    [Test]
    public async Task RestoreInPlace_OfABackup_BringsBackItsRowsAndKeepsTheOthersInABackup()
    {
        var path = await CreateAsync("mistake");
        var connection = await RevealAsync(path);
        await ExecuteAsync(connection, "create table t (a int); insert into t values (1)");
        await BackUpAsync(path);
        var backup = (string)(await Client.GetAsync($"{path}/backups")).Body!["items"]![0]!["id"]!;
        await ExecuteAsync(connection, "delete from t; insert into t values (2)");
        var plan = (await Client.PostAsync($"{path}/plan", $$"""{"change":"restore_in_place","backup_id":"{{backup}}"}""")).Body!;
        Assert.That(((bool)plan["possible"]!, (bool)plan["downtime"]!), Is.EqualTo((true, true)), plan.ToJsonString());
        var unknown = await Client.PostAsync($"{path}/restore-in-place", """{"backup_id":"none"}""");
        Assert.That(unknown.ErrorFields, Is.EqualTo(new[] { "backup_id" }), unknown.ToString());

        var asked = await Client.PostAsync($"{path}/restore-in-place", $$"""{"backup_id":"{{backup}}"}""");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        await SucceedsAsync(asked.Location!);
        Assert.That(await ScalarAsync(connection, "select sum(a) from t"), Is.EqualTo(1L), "the same password connects to the old rows");
        var backups = (await Client.GetAsync($"{path}/backups")).Body!["items"]!.AsArray().Select(b => (string)b!["id"]!).ToList();
        var safety = backups[backups.IndexOf(backup) - 1];
        var copy = await Client.PostAsync($"{path}/restore", $$"""{"name":"mistake-copy","backup_id":"{{safety}}"}""");
        await SucceedsAsync(copy.Location!);
        var other = await RevealAsync($"/api/v1/databases/{copy.Body!["id"]}");
        Assert.That(await ScalarAsync(other, "select sum(a) from t"), Is.EqualTo(2L));
    }

    [Test]
    public async Task Rollout_OfAChangedTier_ResizesItsDatabasesAndStopsAtTheFirstFailure()
    {
        await SaveFleetAsync("4MB");
        var paths = new[] { await CreateAsync("fleet-a", tier: "fleet"), await CreateAsync("fleet-b", tier: "fleet") };
        Assert.That((await Client.GetAsync("/api/v1/tiers/fleet/databases")).Body!["items"]!.AsArray(), Is.Empty);
        await SaveFleetAsync("8MB");
        var outdated = (await Client.GetAsync("/api/v1/tiers/fleet/databases")).Body!["items"]!;
        Assert.That(outdated.AsArray(), Has.Count.EqualTo(2));
        Assert.That(outdated[0]!["differences"]!.ToJsonString(), Is.EqualTo("""[{"field":"settings.work_mem","from":"4MB","to":"8MB"}]"""));
        var rollout = await Client.PostAsync("/api/v1/tiers/fleet/rollout", """{"parallel":1}""");
        Assert.That(rollout.Status, Is.EqualTo(HttpStatusCode.Accepted), rollout.ToString());
        await SucceedsAsync(rollout.Location!);
        var log = (await Client.GetAsync($"{rollout.Location}/log")).Text;
        Assert.That(paths.Select(p => p.Split('/')[^1]), Has.All.Matches<string>(id => log.Contains(id, StringComparison.Ordinal)), log);
        Assert.That((await Client.GetAsync("/api/v1/tiers/fleet/databases")).Body!["items"]!.AsArray(), Is.Empty);
        Assert.That(await ScalarAsync(await RevealAsync(paths[1]), "show work_mem"), Is.EqualTo("8MB"));
        Assert.That((int)(await Client.GetAsync(paths[0])).Body!["tier_version"]!, Is.EqualTo(2));

        // PostgreSQL does not start with it.
        await SaveFleetAsync("8XB");
        rollout = await Client.PostAsync("/api/v1/tiers/fleet/rollout", """{"parallel":1}""");
        var failed = await Client.WaitForJobAsync(rollout.Location!, seconds: 120);
        Assert.That(
            ((string)failed["status"]!, (string)failed["error"]!["code"]!),
            Is.EqualTo(("failed", "rollout_stopped")),
            failed.ToJsonString()
        );
        Assert.That((string)failed["error"]!["message"]!, Does.Contain("fleet-a").And.Not.Contain("fleet-b"));
        var resizes = await Client.GetAsync($"/api/v1/jobs?resource_id={paths[1].Split('/')[^1]}&kind=database.resize");
        Assert.That(resizes.Body!["items"]!.AsArray(), Has.Count.EqualTo(1), "the second database was left alone");
        await SaveFleetAsync("16MB");
        await SucceedsAsync((await Client.PostAsync($"{rollout.Location}/retry")).Location!);
        Assert.That(await ScalarAsync(await RevealAsync(paths[0]), "show work_mem"), Is.EqualTo("16MB"));
    }

    [Test]
    public async Task Extensions_OfADatabase_ShowWhatIsInstalled()
    {
        var path = await CreateAsync("extended");
        var extensions = await Client.GetAsync($"{path}/extensions");
        Assert.That(extensions.Status, Is.EqualTo(HttpStatusCode.OK), extensions.ToString());
        var language = extensions.Body!["items"]!.AsArray().Single(e => (string)e!["name"]! == "plpgsql")!;
        Assert.That(((string?)language["installed_version"], (bool)language["trusted"]!), Is.EqualTo(("1.0", true)));
    }

    [Test]
    public async Task Database_WithAnExpiry_IsDeletedByItself()
    {
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(4);
        var path = await CreateAsync("passing", $$""","expires_at":"{{expires:yyyy-MM-ddTHH:mm:ss.fffZ}}" """);
        await Client.WaitAsync(path, "status", TimeSpan.FromSeconds(60), "deleted");
    }

    private Task<Answer> SaveFleetAsync(string workMemory) =>
        Client.PutAsync("/api/v1/tiers/fleet", $$"""{"settings": {"work_mem":"{{workMemory}}"} }""");

    private async Task<string> CreateAsync(string name, string more = "", string tier = "dev")
    {
        var answer = await Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"{{tier}}"{{more}}}""");
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

    private Task<string> RevealAsync(string path, string? user = null) => Client.RevealAsync(path, user);

    private Task<JsonNode?> UntilAsync(string path, Func<JsonNode, bool> condition, string what) =>
        Eventually.GetAsync(
            async () => (await Client.GetAsync(path)).Body,
            b => b is not null && condition(b),
            what,
            TimeSpan.FromSeconds(60)
        );

    private string FolderOf(string path) =>
        Path.Combine(server.DataDirectory, "databases", $"wombat-{path.Split('/')[^1].Replace("-", "", StringComparison.Ordinal)}");

    // As somebody who edits the file by hand.
    private Task AlterSystemAsync(string path, params string[] settings) =>
        File.AppendAllTextAsync(Path.Combine(FolderOf(path), "data", "postgresql.auto.conf"), string.Join('\n', settings) + "\n");

    private static IEnumerable<string> Actions(JsonNode resource) => resource["actions"]!.AsArray().Select(a => (string)a!);

    private static async Task ExecuteAsync(string connectionString, string sql) => await ScalarAsync(connectionString, sql);

    private static Task<object?> ScalarAsync(string connectionString, string sql) => LocalDatabases.ScalarAsync(connectionString, sql);
}
