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
}
