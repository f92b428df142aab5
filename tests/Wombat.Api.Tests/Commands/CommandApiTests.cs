using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Containers;
using Wombat.Domain.Databases;
using Wombat.Domain.Resources;

namespace Wombat.Api.Tests.Commands;

/// <summary>Creating, changing and deleting commands.</summary>
public sealed class CommandApiTests : CommandTestBase
{
    private const string References = """
        ,"parameters":[
          {"name":"NODE","type":"host"},
          {"name":"BOX","type":"resource","kind":"container"},
          {"name":"DATA","type":"resource","kind":"database"}]
        """;

    [Test]
    public async Task Command_OfKindLocal_IsForAdmins()
    {
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var refused = await manager.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"root","project_id":"{{Project}}","kind":"local","arguments":["id"]}"""
        );
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")));
        var command = await CreateMakeAsync("show");
        var changed = await manager.PutAsync(command, """{"name":"x","kind":"local","arguments":["id"]}""");
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var local = await CreateLocalAsync(["true"]);
        Assert.That((await manager.DeleteAsync(local)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await manager.GetAsync(local)).Body!["actions"]!.ToJsonString(), Is.EqualTo("""["run"]"""), "the actions tell it");
        Assert.That((await manager.GetAsync(command)).Body!["actions"]!.ToJsonString(), Is.EqualTo("""["run","update","delete"]"""));
    }

    [Test]
    public async Task Command_ForManagers_IsNotRunByADeveloper()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var command = await CreateMakeAsync("show", ""","run_by":"project_manager" """);
        var refused = await developer.PostAsync($"{command}/runs", "{}");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")));
        Assert.That((await developer.PostAsync($"{command}/plan", "{}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await developer.GetAsync(command)).Body!["actions"]!.ToJsonString(), Is.EqualTo("[]"));
        var run = (await manager.PostAsync($"{command}/runs", "{}")).Body!;
        await EndAsync($"/api/v1/runs/{run["id"]}");
        Assert.That((await developer.PostAsync($"/api/v1/runs/{run["id"]}/repeat")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(
            (await developer.PostAsync($"/api/v1/jobs/{run["id"]}/retry")).Status,
            Is.AnyOf(HttpStatusCode.Forbidden, HttpStatusCode.Conflict)
        );
    }

    [Test]
    public async Task Command_OfThePlatform_IsHiddenFromMembers()
    {
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var refused = await manager.PostAsync("/api/v1/commands", """{"name":"all","kind":"make","target":"x"}""");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")));
        var created = await Client.PostAsync("/api/v1/commands", """{"name":"platform","kind":"local","arguments":["true"]}""");
        Assert.That((await manager.GetAsync(created.Location!)).Code, Is.EqualTo("command_not_found"));
        var run = (await Client.PostAsync($"{created.Location}/runs", "{}")).Body!;
        Assert.That((await manager.GetAsync($"/api/v1/runs/{run["id"]}")).Code, Is.EqualTo("run_not_found"));
        Assert.That((await manager.GetAsync("/api/v1/runs")).Text, Does.Not.Contain((string)run["id"]!));
        Assert.That((await manager.GetAsync("/api/v1/commands")).Text, Does.Not.Contain("\"platform\""));
    }

    [TestCase("""{"kind":"make","workspace_id":"WORKSPACE","target":"-f"}""", "target")]
    [TestCase("""{"kind":"make","workspace_id":"WORKSPACE","target":"a b"}""", "target")]
    [TestCase("""{"kind":"make","workspace_id":"WORKSPACE","target":"X:=$(shell id)"}""", "target")]
    [TestCase("""{"kind":"make","target":"all"}""", "workspace_id")]
    [TestCase("""{"kind":"make","workspace_id":"01a21fa2-0000-7000-8000-000000000000","target":"all"}""", "workspace_id")]
    [TestCase("""{"kind":"local"}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["a","{{X}}"]}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["{{X}}"],"parameters":[{"name":"X"}]}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["a\u0000"]}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["a","{{X}}"],"parameters":[{"name":"X","type":"secret"}]}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["a",null]}""", "arguments")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[null]}""", "parameters")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"LD_PRELOAD"}]}""", "parameters[0].name")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"PATH"}]}""", "parameters[0].name")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","pattern":"a)|(?:b"}]}""", "parameters[0].pattern")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","pattern":"(a)\\1"}]}""", "parameters[0].pattern")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","type":"secret","default":"s"}]}""", "parameters[0].default")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","type":"resource"}]}""", "parameters[0].kind")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","type":"host","kind":"database"}]}""", "parameters[0].kind")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X","type":"host","default":"a\nb"}]}""", "parameters[0].default")]
    [TestCase("""{"kind":"local","arguments":["a"],"parameters":[{"name":"X"},{"name":"X"}]}""", "parameters")]
    [TestCase("""{"kind":"local","arguments":["a"],"environment":{"BASH_ENV":"/tmp/x"}}""", "environment")]
    [TestCase("""{"kind":"local","arguments":["a"],"environment":{"A":"\ud800"}}""", "environment.A")]
    [TestCase("""{"kind":"local","arguments":["a"],"run_by":"viewer"}""", "run_by")]
    [TestCase("""{"kind":"local","arguments":["a"],"timeout_seconds":0}""", "timeout_seconds")]
    public async Task Command_ThatIsNotValid_IsRefusedByTheNameOfTheField(string body, string field)
    {
        var filled = body.Replace("WORKSPACE", Workspace, StringComparison.Ordinal)
            .Replace("{\"kind\"", $$"""{"name":"wrong","project_id":"{{Project}}","kind" """.TrimEnd(), StringComparison.Ordinal);
        var refused = await Client.PostAsync("/api/v1/commands", filled);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields, Has.Some.EqualTo(field).IgnoreCase, refused.ToString());
    }

    [Test]
    public async Task Command_ThatChanges_ChecksItsVersionAndName()
    {
        const string Body = """{"name":"NAME","kind":"local","arguments":["true"]}""";
        var (first, second) = (await CreateLocalAsync(["true"]), await CreateLocalAsync(["true"]));
        var read = await Client.GetAsync(first);
        var stale = await Client.PutAsync(first, Body, ("If-Match", "\"7\""));
        Assert.That(stale.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        var renamed = await Client.PutAsync(
            first,
            Body.Replace("NAME", "once", StringComparison.Ordinal),
            ("If-Match", $"\"{read.Body!["version"]}\"")
        );
        Assert.That(renamed.Status, Is.EqualTo(HttpStatusCode.OK), renamed.ToString());
        var taken = await Client.PutAsync(second, Body.Replace("NAME", "once", StringComparison.Ordinal));
        Assert.That((taken.Status, taken.Code), Is.EqualTo((HttpStatusCode.Conflict, "name_taken")));
    }

    [Test]
    public async Task Project_ThatIsDeleted_TakesItsCommandsAlong()
    {
        var project = await Client.CreateProjectAsync();
        var command = await Client.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"c","project_id":"{{project}}","kind":"local","arguments":["sleep","1000"]}"""
        );
        var run = (await Client.PostAsync($"{command.Location}/runs", "{}")).Body!;
        await Client.WaitAsync($"/api/v1/runs/{run["id"]}", "status", TimeSpan.FromSeconds(30), "running");
        var deleted = await Client.DeleteAsync($"/api/v1/projects/{project}");
        Assert.That((string)(await Client.WaitForJobAsync(deleted.Location!))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((await Client.GetAsync(command.Location!)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await Server.ScalarAsync<string>($"select state from jobs where id = '{run["id"]}'"), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Run_WithAHostAndResources_GetsTheirNamesAndKeepsTheirIds()
    {
        var (host, ids) = (await CreateHostAsync("node1", Project), await AddResourcesAsync());
        var command = await CreateLocalAsync(["printf", "%s %s %s", "{{NODE}}", "{{BOX}}", "{{DATA}}"], References);
        var byId = new JsonObject
        {
            ["NODE"] = host,
            ["BOX"] = $"{ids.Container}",
            ["DATA"] = $"{ids.Database}",
        };
        foreach (
            var parameters in new[]
            {
                byId,
                new JsonObject
                {
                    ["NODE"] = "node1",
                    ["BOX"] = "web",
                    ["DATA"] = "orders",
                },
            }
        )
        {
            var run = await RunAsync(command, parameters);
            Assert.That(run["arguments"]!.AsArray().Select(a => (string)a!).Skip(2), Is.EqualTo(new[] { "node1", "web", "orders" }));
            Assert.That((string)run["parameters"]!["BOX"]!, Is.EqualTo("web"));
            Assert.That((string)run["parameter_ids"]!["NODE"]!, Is.EqualTo(host));
            Assert.That(
                ((string)run["parameter_ids"]!["BOX"]!, (string)run["parameter_ids"]!["DATA"]!),
                Is.EqualTo(($"{ids.Container}", $"{ids.Database}"))
            );
        }

        var other = await Client.CreateProjectAsync();
        var foreign = new[] { await CreateHostAsync("node2", other), await CreateHostAsync("node3", null), $"{Guid.NewGuid()}", "node2" };
        var answers = new List<string>();
        foreach (var value in foreign)
        {
            var refused = await Client.PostAsync(
                $"{command}/plan",
                new JsonObject { ["parameters"] = new JsonObject { ["NODE"] = value } }.ToJsonString()
            );
            Assert.That(
                (refused.Status, refused.ErrorFields.Single()),
                Is.EqualTo((HttpStatusCode.BadRequest, "parameters.NODE")),
                $"{refused}"
            );
            answers.Add(refused.Body!["errors"]!.ToJsonString());
        }

        Assert.That(answers.Distinct().Count(), Is.EqualTo(1), "nothing tells whether it exists elsewhere");
        var wrongKind = await Client.PostAsync($"{command}/plan", """{"parameters":{"BOX":"orders","DATA":"web"}}""");
        Assert.That(wrongKind.ErrorFields, Is.EquivalentTo(new[] { "parameters.BOX", "parameters.DATA" }), wrongKind.ToString());
        await AssertScheduleAndDocumentAsync(command);
    }

    [Test]
    public async Task Repeat_WhenAnotherHostHasTheName_ExecutesNothing()
    {
        var host = await CreateHostAsync("edge", Project);
        var command = await CreateLocalAsync(["echo", "{{NODE}}"], References);
        var run = await RunAsync(command, new JsonObject { ["NODE"] = "edge" });
        await Client.DeleteAsync($"/api/v1/hosts/{host}");
        await CreateHostAsync("edge", Project);
        var repeated = (await Client.PostAsync($"/api/v1/runs/{run["id"]}/repeat")).Body!;
        var job = await Client.WaitForJobAsync($"/api/v1/jobs/{repeated["id"]}");
        Assert.That(((string)job["status"]!, (string)job["error"]!["code"]!), Is.EqualTo(("failed", "resource_gone")), job.ToJsonString());
    }

    private async Task AssertScheduleAndDocumentAsync(string command)
    {
        var schedule = new JsonObject
        {
            ["command_id"] = command.Split('/')[^1],
            ["name"] = "nightly",
            ["cron"] = "0 3 * * *",
            ["parameters"] = new JsonObject { ["BOX"] = "web" },
        };
        Assert.That((await Client.PostAsync("/api/v1/schedules", schedule.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.Created));
        schedule["parameters"]!["BOX"] = "none";
        schedule["name"] = "other";
        Assert.That(
            (await Client.PostAsync("/api/v1/schedules", schedule.ToJsonString())).ErrorFields.Single(),
            Is.EqualTo("parameters.BOX")
        );
        var document = (await Client.GetAsync($"/api/v1/commands/export?project_id={Project}")).Text;
        Assert.That(document, Does.Contain("type: resource\n        kind: database").And.Contain("type: host"));
        var body = new JsonObject { ["project_id"] = Project, ["document"] = document };
        var plan = (await Client.PostAsync("/api/v1/commands/import/plan", body.ToJsonString())).Body!;
        Assert.That(plan["items"]!.AsArray().Select(i => (string)i!["action"]!), Is.All.EqualTo("unchanged"), plan.ToJsonString());
    }

    private async Task<string> CreateHostAsync(string name, string? project)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["project_id"] = project,
            ["address"] = "127.0.0.1",
            ["user_name"] = "x",
        };
        return (string)(await Client.PostAsync("/api/v1/hosts", body.ToJsonString())).Body!["id"]!;
    }

    private async Task<(Guid Container, Guid Database)> AddResourcesAsync()
    {
        await using var scope = Server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var project = await db.Projects.SingleAsync(p => p.Id == Guid.Parse(Project));
        var now = TimeProvider.System.GetUtcNow();
        Resource container = Container.Create(project, "none", "web", new ContainerSpec("busybox"), null, now);
        Resource database = Database.Create(project, "none", "orders", new DatabaseSpec("dev"), now);
        db.Resources.AddRange(container, database);
        await db.SaveChangesAsync(CancellationToken.None);
        return (container.Id, database.Id);
    }
}
