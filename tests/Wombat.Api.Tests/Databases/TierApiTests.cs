using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Databases;

/// <summary>Tiers, budgets and the checks of requests, without a worker: nothing is provisioned.</summary>
public sealed class TierApiTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api" });

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Tiers_OfANewInstallation_AreDevAndStandard()
    {
        var tiers = (await Client.GetAsync("/api/v1/tiers")).Body!["items"]!.AsArray();
        Assert.That(tiers.Select(t => (string)t!["name"]!), Is.SupersetOf(new[] { "dev", "standard" }));
        Assert.That(
            (await Client.GetAsync("/api/v1/tiers/dev")).Text,
            Does.Contain("\"cpu\":0.5").And.Contain("\"deletion_policy\":\"freeze\"")
        );
    }

    [Test]
    public async Task Tier_SavedUsedAndDeleted_FollowsItsDatabases()
    {
        var saved = await Client.PutAsync(
            "/api/v1/tiers/tiny",
            """{"cpu":0.25,"memory":128,"settings":{"work_mem":"8MB"},"max_lifetime_days":3}"""
        );
        Assert.That(saved.Status, Is.EqualTo(HttpStatusCode.OK), saved.ToString());
        var project = await Client.CreateProjectAsync();
        var made = await CreateAsync(project, "orders", "tiny");
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Accepted), made.ToString());
        Assert.That(made.Body!["expires_at"], Is.Not.Null, "the tier limits the lifetime");
        Assert.That((await Client.DeleteAsync("/api/v1/tiers/tiny")).Code, Is.EqualTo("tier_in_use"));
        await Client.PutAsync("/api/v1/tiers/unused", "{}");
        Assert.That((await Client.DeleteAsync("/api/v1/tiers/unused")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Client.GetAsync("/api/v1/tiers/unused")).Code, Is.EqualTo("tier_not_found"));
    }

    [Test]
    public async Task SaveTier_WithTheVersionBeforeAnotherChange_IsStale()
    {
        var made = await Client.PutAsync("/api/v1/tiers/shared", "{}", ("If-Match", "\"1\""));
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed), "there is no version 1 yet");
        await Client.PutAsync("/api/v1/tiers/shared", "{}");
        var read = await Client.GetAsync("/api/v1/tiers/shared");
        var tag = read.ETag!;
        Assert.That(tag, Does.StartWith("\"1"));
        var saved = await Client.PutAsync("/api/v1/tiers/shared", """{"cpu":1}""", ("If-Match", tag));
        Assert.That(saved.Status, Is.EqualTo(HttpStatusCode.OK), saved.Text);
        Assert.That(saved.ETag, Does.StartWith("\"2"));
        var stale = await Client.PutAsync("/api/v1/tiers/shared", """{"cpu":2}""", ("If-Match", tag));
        Assert.That(stale.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed), stale.Text);
    }

    [TestCase("""{"instances":0}""", "instances")]
    [TestCase("""{"cpu":-1}""", "cpu")]
    [TestCase("""{"backup_schedule":"now"}""", "backup_schedule")]
    [TestCase("""{"settings":{"archive_command":"rm"}}""", "settings")]
    [TestCase("""{"settings":{"work_mem":"8MB; drop"}}""", "settings")]
    [TestCase("""{"plugin":"none"}""", "plugin")]
    public async Task SaveTier_WithAnInvalidField_NamesIt(string body, string field)
    {
        var refused = await Client.PutAsync("/api/v1/tiers/bad", body);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields.Single(), Does.StartWith(field));
    }

    [TestCase("""{"name":"Orders","tier":"dev"}""", "name")]
    [TestCase("""{"name":"o'rders\"; drop","tier":"dev"}""", "name")]
    [TestCase("""{"name":"orders","tier":"nothing"}""", "tier")]
    [TestCase("""{"name":"orders"}""", "tier")]
    [TestCase("""{"name":"orders","tier":"dev","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    [TestCase("""{"name":"orders","tier":"dev","plugin":"proxmox-none"}""", "plugin")]
    public async Task CreateDatabase_WithAnInvalidField_NamesIt(string body, string field)
    {
        var project = await Client.CreateProjectAsync();
        var refused = await Client.PostAsync($"/api/v1/projects/{project}/databases", body);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields, Is.EqualTo(new[] { field }));
    }

    [Test]
    public async Task Budget_Under50ParallelCreates_AdmitsExactlyItsNumber()
    {
        var project = await Client.CreateProjectAsync();
        var set = await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"databases":20}""");
        Assert.That(set.Status, Is.EqualTo(HttpStatusCode.OK), set.ToString());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => CreateAsync(project, $"db-{i}", "dev")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.EqualTo(20));
        var refused = answers.Where(a => a.Status != HttpStatusCode.Accepted).ToList();
        Assert.That(refused.Select(a => a.Code).Distinct(), Is.EqualTo(new[] { "budget_exceeded" }));
        Assert.That(refused[0].Text, Does.Contain("\"limit\":\"databases\"").And.Contain("\"allowed\":20"));
        var budget = (await Client.GetAsync($"/api/v1/projects/{project}/budget")).Body!;
        Assert.That((int)budget["left"]!["databases"]!, Is.Zero);
        Assert.That((double)budget["used"]!["cpu"]!, Is.EqualTo(10));
    }

    [Test]
    public async Task Budget_OverAllKinds_CountsContainersToo()
    {
        var project = await Client.CreateProjectAsync();
        await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"memory":300}""");
        Assert.That((await CreateAsync(project, "orders", "dev")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        var refused = await CreateAsync(project, "more", "dev");
        Assert.That(refused.Code, Is.EqualTo("budget_exceeded"), refused.ToString());
        var plan = await Client.PostAsync($"/api/v1/projects/{project}/databases/plan", """{"name":"more","tier":"dev"}""");
        Assert.That((bool)plan.Body!["possible"]!, Is.False, plan.ToString());
    }

    [Test]
    public async Task Budget_OfATier_AdmitsItsNumber()
    {
        var project = await Client.CreateProjectAsync();
        var set = await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"tiers":{"dev":1}}""");
        Assert.That(set.Status, Is.EqualTo(HttpStatusCode.OK), set.ToString());
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => CreateAsync(project, $"db-{i}", "dev")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Accepted), Is.EqualTo(1));
        var refused = answers.First(a => a.Status != HttpStatusCode.Accepted);
        Assert.That((refused.Code, (string)refused.Body!["limit"]!), Is.EqualTo(("budget_exceeded", "tiers.dev")), refused.ToString());
        Assert.That((await CreateAsync(project, "other", "standard")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        var budget = (await Client.GetAsync($"/api/v1/projects/{project}/budget")).Body!;
        Assert.That(
            ((int)budget["limit"]!["tiers"]!["dev"]!, (int)budget["used"]!["tiers"]!["standard"]!, (int)budget["left"]!["tiers"]!["dev"]!),
            Is.EqualTo((1, 1, 0))
        );
        Assert.That(
            (await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"tiers":{"dev":-1}}""")).ErrorFields,
            Is.EqualTo(new[] { "tiers" })
        );
    }

    [Test]
    public async Task Resize_BeyondTheBudget_ChangesNothing()
    {
        await Client.PutAsync("/api/v1/tiers/wide", """{"memory":1024}""");
        var (project, path) = await CreateReadyAsync();
        await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"memory":1000}""");
        var before = (await Client.GetAsync(path)).Body!["version"]!.ToJsonString();
        var plan = (await Client.PostAsync($"{path}/plan", """{"change":"tier","tier":"wide"}""")).Body!;
        Assert.That((bool)plan["possible"]!, Is.False, plan.ToJsonString());
        Assert.That(plan["objections"]!.ToJsonString(), Does.Contain("memory_mib"));
        var refused = await Client.PostAsync($"{path}/resize", """{"tier":"wide"}""");
        Assert.That(refused.Code, Is.EqualTo("budget_exceeded"), refused.ToString());
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That((string)database["tier"]!, Is.EqualTo("dev"));
        Assert.That(database["version"]!.ToJsonString(), Is.EqualTo(before));
    }

    [Test]
    public async Task Resize_UntilItsJobEnds_KeepsTheTierAndCountsBoth()
    {
        await Client.PutAsync("/api/v1/tiers/wide", """{"memory":1024}""");
        var (project, path) = await CreateReadyAsync();
        var accepted = await Client.PostAsync($"{path}/resize", """{"tier":"wide"}""");
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.Accepted), accepted.ToString());
        Assert.That(
            ((string)accepted.Body!["tier"]!, (string)accepted.Body["resizing_to"]!, await UsedMemoryAsync(project)),
            Is.EqualTo(("dev", "wide", 1024))
        );
        Assert.That((await Client.PostAsync($"{path}/resize", """{"tier":"dev"}""")).Code, Is.EqualTo("not_operable"));
        await Client.PostAsync($"{accepted.Location}/cancel");
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That(
            ((string)database["tier"]!, (string?)database["resizing_to"], await UsedMemoryAsync(project)),
            Is.EqualTo(("dev", (string?)null, 256))
        );
        Assert.That((await Client.PostAsync($"{accepted.Location}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await Client.GetAsync(path)).Body!["resizing_to"]!, Is.EqualTo("wide"), "a retry requests it again");
    }

    [Test]
    public async Task PlanOfAChange_TellsWhatItDoes_AndChangesNothing()
    {
        await Client.PutAsync("/api/v1/tiers/wide", """{"memory":1024}""");
        var (_, path) = await CreateReadyAsync();
        var before = (await Client.GetAsync(path)).Body!.ToJsonString();
        var tier = (await Client.PostAsync($"{path}/plan", """{"change":"tier","tier":"wide"}""")).Body!;
        Assert.That(
            tier["would_change"]!.ToJsonString(),
            Does.Contain("""{"field":"tier","from":"dev","to":"wide"}""").And.Contain("""{"field":"memory","from":"256","to":"1024"}""")
        );
        Assert.That(
            ((bool)tier["possible"]!, (int)tier["budget"]!["before"]!["memory"]!, (int)tier["budget"]!["after"]!["memory"]!),
            Is.EqualTo((true, 256, 1024)),
            tier.ToJsonString()
        );
        var delete = (await Client.PostAsync($"{path}/plan", """{"change":"delete"}""")).Body!;
        Assert.That(
            ((string)delete["would_remove"]![0]!, (int)delete["budget"]!["after"]!["databases"]!, (bool)delete["downtime"]!),
            Is.EqualTo(((string)delete["would_remove"]![0]!, 0, true))
        );
        Assert.That((string)delete["would_remove"]![0]!, Does.Contain("can be undeleted until 2"));
        var freeze = (await Client.PostAsync($"{path}/plan", """{"change":"freeze"}""")).Body!;
        Assert.That(freeze["would_change"]!.ToJsonString(), Does.Contain("\"to\":\"frozen\""));
        Assert.That(
            (await Client.PostAsync($"{path}/plan", """{"change":"tier","tier":"none"}""")).ErrorFields,
            Is.EqualTo(new[] { "tier" })
        );
        Assert.That((await Client.PostAsync($"{path}/plan", "{}")).ErrorFields, Is.EqualTo(new[] { "change" }));
        var nowhere = (await Client.PostAsync($"{path}/plan", """{"change":"restore_in_place"}""")).Body!;
        Assert.That(
            ((bool)nowhere["possible"]!, (string)nowhere["objections"]![0]!["field"]!),
            Is.EqualTo((false, "target_time")),
            nowhere.ToJsonString()
        );
        Assert.That((await Client.GetAsync(path)).Body!.ToJsonString(), Is.EqualTo(before));
        Assert.That(
            (await Client.GetAsync($"/api/v1/jobs?resource_id={path.Split('/')[^1]}")).Body!["items"]!.AsArray(),
            Has.Count.EqualTo(1),
            "only the creation"
        );
    }

    [Test]
    public async Task Database_ThatIsProtected_IsNotDeletedUntilAManagerLiftsIt()
    {
        var project = await Client.CreateProjectAsync();
        var path = $"/api/v1/databases/{(await CreateAsync(project, "orders", "dev")).Body!["id"]}";
        var developer = (await Client.CreateMemberAsync(project, "developer")).Client;
        Assert.That((await developer.PatchAsync(path, """{"deletion_protection":true}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await developer.PatchAsync(path, """{"purpose":"Orders"}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Client.PatchAsync(path, """{"deletion_protection":true}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await developer.DeleteAsync(path)).Code, Is.EqualTo("deletion_protected"));
        var soon = TimeProvider.System.GetUtcNow().AddHours(1);
        Assert.That(
            (await developer.PatchAsync(path, $$"""{"expires_at":"{{soon:yyyy-MM-ddTHH:mm:ssZ}}"}""")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden),
            "an expiry deletes, too"
        );
        Assert.That((await Client.PatchAsync(path, """{"deletion_protection":false}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await developer.DeleteAsync(path)).Status, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task List_WithFilters_FindsTheDatabases()
    {
        var project = await Client.CreateProjectAsync();
        await CreateAsync(project, "alpha", "dev");
        await CreateAsync(project, "beta", "standard");
        foreach (var (query, names) in new[] { ("tier=standard", "beta"), ("name=alpha", "alpha"), ("q=et", "beta"), ("plugin=none", "") })
        {
            var found = await Client.GetAsync($"/api/v1/databases?project_id={project}&{query}");
            Assert.That(
                string.Join(',', found.Body!["items"]!.AsArray().Select(d => (string)d!["name"]!)),
                Is.EqualTo(names),
                $"{query}: {found}"
            );
        }

        Assert.That((await CreateAsync(project, "alpha", "dev")).Code, Is.EqualTo("name_taken"));
    }

    private Task<Answer> CreateAsync(string project, string name, string tier) =>
        Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"{{tier}}"}""");

    [Test]
    public async Task List_WithIncludeDeleted_IsForAdmins()
    {
        var (project, path) = await CreateReadyAsync();
        await server.ExecuteAsync($"update resources set status = 'deleted' where id = '{path.Split('/')[^1]}'");
        var list = $"/api/v1/projects/{project}/databases";
        Assert.That((await Client.GetAsync(list)).Body!["items"]!.AsArray(), Is.Empty);
        Assert.That((await Client.GetAsync($"{list}?include_deleted=true")).Body!["items"]!.AsArray(), Has.Count.EqualTo(1));
        var manager = (await Client.CreateMemberAsync(project, "project_manager")).Client;
        Assert.That((await manager.GetAsync($"{list}?include_deleted=true")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await manager.GetAsync($"{list}?status=deleted")).Body!["items"]!.AsArray(), Has.Count.EqualTo(1));
    }

    // As if its job had run: there is no worker. Without a schedule its first backup does not wait as an active job.
    private async Task<(string Project, string Path)> CreateReadyAsync()
    {
        var project = await Client.CreateProjectAsync();
        var id = (string)(await CreateAsync(project, "orders", "dev")).Body!["id"]!;
        await server.ExecuteAsync($"update jobs set state = 'succeeded', finished_at = now() where resource_id = '{id}'");
        await server.ExecuteAsync(
            "update resources set status = 'ready', external_id = 'x', "
                + $"spec = spec #- '{{settings,backup_schedule}}' #- '{{settings,drill_schedule}}' where id = '{id}'"
        );
        return (project, $"/api/v1/databases/{id}");
    }

    private async Task<int> UsedMemoryAsync(string project) =>
        (int)(await Client.GetAsync($"/api/v1/projects/{project}/budget")).Body!["used"]!["memory"]!;
}
