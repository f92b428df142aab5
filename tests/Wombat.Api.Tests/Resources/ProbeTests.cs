using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Resources;

/// <summary>A resource kind and a plugin type that exist in the tests only have everything that the shared use cases provide.</summary>
public sealed class ProbeTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private TestServer server = null!;
    private string project = "";

    private WombatClient Client => server.Client;

    private ProbePlugin Near => (ProbePlugin)server.Services.GetRequiredService<PluginRegistry>().Get("near");

    private string Probes => $"/api/v1/projects/{project}/probes";

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_NEAR_TYPE"] = "probe-lab",
                ["PLUGINS_NEAR_PORT"] = "7001",
                ["PLUGINS_NEAR_DEFAULT"] = "true",
                ["PLUGINS_NEAR_RECONCILE_INTERVAL_SECONDS"] = "0.1",
                ["PLUGINS_FAR_AWAY_TYPE"] = "probe-lab",
                ["PLUGINS_FAR_AWAY_PORT"] = "7002",
                ["QUOTAS_PROBE_LEVELS_PER_PROJECT"] = "12",
            },
            configure: app => app.MapProbes()
        );

    [SetUp]
    public async Task CreateProject()
    {
        Near.Failure = null;
        project = await Client.CreateProjectAsync();
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Create_WhenValid_ProvisionsTheProbeWithJobAndEvents()
    {
        var (probe, job) = await CreateAsync("""{"name":"one","level":3,"color":"red"}""");
        var done = await Client.WaitForJobAsync(job);
        Assert.That(((string)done["kind"]!, (string)done["status"]!), Is.EqualTo(("probe.provision", "succeeded")), done.ToJsonString());
        var shown = (await Client.GetAsync(probe)).Body!;
        Assert.That(
            ((string)shown["status"]!, (int)shown["level"]!, (string)shown["endpoint"]!, (string)shown["plugin"]!),
            Is.EqualTo(("running", 3, "127.0.0.1:7001", "near"))
        );
        Assert.That(Actions(shown), Is.EqualTo(new[] { "calibrate", "update", "protect", "delete" }));
        Assert.That((await Client.GetAsync($"{job}/log")).Text, Does.Contain("level 3"));
        Assert.That(await EventsAsync(), Is.EqualTo(new[] { "probe.requested", "probe.provisioning", "probe.running" }));
    }

    [Test]
    public async Task Create_WhenInputIsInvalidOrNameIsTaken_IsRefused()
    {
        var invalid = await Client.PostAsync(Probes, """{"name":"","level":11}""");
        Assert.That(
            (invalid.Status, invalid.ErrorFields),
            Is.EqualTo((HttpStatusCode.BadRequest, new[] { "name", "level" })),
            invalid.ToString()
        );
        await CreateAsync("""{"name":"one"}""");
        var taken = await Client.PostAsync(Probes, """{"name":"one"}""");
        Assert.That(
            (taken.Code, (string)taken.Body!["detail"]!),
            Is.EqualTo(("name_taken", "A probe named \"one\" already exists in this project."))
        );
    }

    [Test]
    public async Task Create_WhenItNamesAnInstance_UsesThatInstance()
    {
        var (probe, job) = await CreateAsync("""{"name":"one","plugin":"far-away"}""");
        await Client.WaitForJobAsync(job);
        var shown = (await Client.GetAsync(probe)).Body!;
        Assert.That(((string)shown["plugin"]!, (string)shown["endpoint"]!), Is.EqualTo(("far-away", "127.0.0.1:7002")));
        var unknown = await Client.PostAsync(Probes, """{"name":"two","plugin":"elsewhere"}""");
        Assert.That((unknown.Status, unknown.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "plugin" })));
        var plugins = (await Client.GetAsync("/api/v1/plugins")).Body!["items"]!.AsArray();
        Assert.That(
            plugins
                .Where(p => (string)p!["type"]! == "probe-lab")
                .Select(p => ((string)p!["name"]!, (string)p["type"]!, (string)p["kind"]!)),
            Is.EquivalentTo(new[] { ("near", "probe-lab", "probe"), ("far-away", "probe-lab", "probe") })
        );
    }

    [Test]
    public async Task CreateAndPlan_BeyondTheQuotaOfTheKind_AreRefused()
    {
        await CreateAsync("""{"name":"one","level":8}""");
        var refused = await Client.PostAsync(Probes, """{"name":"two","level":5}""");
        Assert.That(
            (refused.Code, (string)refused.Body!["limit"]!, (int)refused.Body["used"]!),
            Is.EqualTo(("budget_exceeded", "probe_levels_per_project", 8))
        );
        var plan = (await Client.PostAsync($"{Probes}/plan", """{"name":"one","level":5}""")).Body!;
        Assert.That(
            ((bool)plan["possible"]!, (int)plan["existing"]!, plan["objections"]!.AsArray().Select(o => (string)o!["field"]!)),
            Is.EqualTo((false, 1, new[] { "level", "name" }))
        );
        Assert.That((bool)(await Client.PostAsync($"{Probes}/plan", """{"name":"two","level":4}""")).Body!["possible"]!, Is.True);
    }

    [Test]
    public async Task List_WithFilters_ReturnsTheMatchingProbes()
    {
        await CreateAsync("""{"name":"one","color":"red"}""");
        await CreateAsync("""{"name":"two","color":"blue"}""");
        Assert.That(await NamesAsync(""), Is.EqualTo(new[] { "two", "one" }));
        Assert.That(await NamesAsync("?color=red"), Is.EqualTo(new[] { "one" }));
        Assert.That(await NamesAsync("?q=tw"), Is.EqualTo(new[] { "two" }));
    }

    [Test]
    public async Task Operate_WhenRequested_RunsTheOperationOfTheKind()
    {
        var probe = await RunningAsync();
        var asked = await Client.PostAsync($"{probe}/calibrate");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var done = await Client.WaitForJobAsync(asked.Location!);
        Assert.That(((string)done["kind"]!, (string)done["status"]!), Is.EqualTo(("probe.calibrate", "succeeded")), done.ToJsonString());
        Assert.That(await EventsAsync(), Does.Contain("probe.calibrate_requested"));
        var id = probe.Split('/')[^1];
        Assert.That(await server.ScalarAsync<string>($"select facts ->> 'calibrations' from resources where id = '{id}'"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Delete_WhenRequested_RemovesTheProbe()
    {
        var probe = await RunningAsync();
        var asked = await Client.DeleteAsync(probe);
        Assert.That((string)(await Client.WaitForJobAsync(asked.Location!))["kind"]!, Is.EqualTo("probe.deprovision"));
        Assert.That((string)(await Client.GetAsync(probe)).Body!["status"]!, Is.EqualTo("deleted"));
        Assert.That((await Client.PostAsync($"{probe}/calibrate")).Code, Is.EqualTo("not_operable"));
        Assert.That(await EventsAsync(), Does.Contain("probe.deleted"));
    }

    [Test]
    public async Task Forget_AfterAFailedDelete_RemovesTheEntry()
    {
        var probe = await RunningAsync();
        Near.Failure = new ExternalSystemException(ExternalFailure.Conflict, "the lab is closed");
        await Client.WaitForJobAsync((await Client.DeleteAsync(probe)).Location!);
        Assert.That(Actions((await Client.GetAsync(probe)).Body!), Does.Contain("forget"));
        Assert.That((await Client.PostAsync($"{probe}/forget", """{"name":"other"}""")).ErrorFields, Is.EqualTo(new[] { "name" }));
        var forgotten = await Client.PostAsync($"{probe}/forget", """{"name":"one"}""");
        Assert.That((forgotten.Status, (string)forgotten.Body!["status"]!), Is.EqualTo((HttpStatusCode.OK, "deleted")));
    }

    [Test]
    public async Task Reconciler_WhenTheProbeChangedOutsideWombat_RecordsIt()
    {
        var probe = await RunningAsync();
        Near.SetAll(ObservedState.Stopped);
        await Client.WaitAsync(probe, "status", Timeout, "stopped");
        Near.SetAll(ObservedState.Running);
        await Client.WaitAsync(probe, "status", Timeout, "running");
        Assert.That(await EventsAsync(), Does.Contain("probe.stopped"));
    }

    [Test]
    public async Task Metrics_WhenProbesExist_CountThem()
    {
        await RunningAsync();
        Assert.That((await Client.GetAsync("/metrics")).Text, Does.Match("wombat_resources\\{kind=\"probe\",status=\"running\"\\} [1-9]"));
    }

    [Test]
    public async Task Permissions_OfTheKind_AreEnforced()
    {
        var probe = await RunningAsync();
        using var viewer = (await Client.CreateMemberAsync(project, "viewer")).Client;
        Assert.That(Actions((await viewer.GetAsync(probe)).Body!), Is.Empty);
        Assert.That((await viewer.PostAsync(Probes, """{"name":"two"}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await viewer.PostAsync($"{probe}/calibrate")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await viewer.DeleteAsync(probe)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var stranger = (await Client.CreateMemberAsync()).Client;
        Assert.That((await stranger.GetAsync(probe)).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static IEnumerable<string> Actions(JsonNode resource) => resource["actions"]!.AsArray().Select(a => (string)a!);

    private async Task<(string Probe, string Job)> CreateAsync(string body)
    {
        var answer = await Client.PostAsync(Probes, body);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
        return ($"{Probes}/{answer.Body!["id"]}", answer.Location!);
    }

    private async Task<string> RunningAsync()
    {
        var (probe, job) = await CreateAsync("""{"name":"one"}""");
        await Client.WaitForJobAsync(job);
        return probe;
    }

    private async Task<IEnumerable<string>> NamesAsync(string query) =>
        (await Client.GetAsync(Probes + query)).Body!["items"]!.AsArray().Select(p => (string)p!["name"]!);

    private async Task<IReadOnlyList<string>> EventsAsync() =>
        [
            .. (await Client.GetAsync($"/api/v1/events?project_id={project}&limit=100")).Body!["items"]!
                .AsArray()
                .Select(e => (string)e!["action"]!)
                .Where(a => a.StartsWith("probe.", StringComparison.Ordinal)),
        ];
}
