using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Exporting commands as a document, planning its import and applying it.</summary>
public sealed class CommandDocumentTests : CommandTestBase
{
    private const string Import = "/api/v1/commands/import";

    [Test]
    public async Task Export_AppliedToAnotherProject_MakesTheSameCommands()
    {
        var (from, to) = (await ProjectWithPlacesAsync("west"), await ProjectWithPlacesAsync("west"));
        const string Document = """
            version: 1
            commands:
              - name: deploy
                kind: make
                description: |
                  Deploys the site.
                  Ask before.
                workspace: west
                target: deploy
                parameters:
                  - name: VERSION
                    required: true
                    default: "1.10"
                    pattern: v?[0-9.]+
                  - {name: COUNTRY, type: enum, values: ["no", de]}
                  - {name: COUNT, type: integer, min: -1, max: 5}
                  - {name: KEY, type: secret}
                environment: {MODE: "0755", "NO": "yes"}
                timeout_seconds: 60
                concurrency: cancel_older
                run_by: project_manager
                approval_by: developer
                repeatable: true
              - name: restart
                kind: ssh
                hosts: [west-1, west-2]
                host_labels: [web, env=prod]
                host_parallelism: 2
                stop_at_first_failure: true
                arguments: [/usr/bin/systemctl, restart, "{{UNIT}}"]
                parameters: [{name: UNIT}]
            """;
        var imported = await ImportAsync(from, Document);
        Assert.That(ActionsOf(imported), Is.EqualTo(new[] { "deploy create", "restart create" }), imported.ToString());
        var exported = await ExportAsync(from);
        Assert.That(exported, Does.Contain("default: \"1.10\"").And.Contain("\"NO\": \"yes\"").And.Contain("- \"no\""));
        Assert.That(exported, Does.Not.Contain("approval_seconds"), "a default is left out");
        Assert.That((await ImportAsync(to, exported)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await ExportAsync(to), Is.EqualTo(exported));
        var (one, other) = (await CommandsAsync(from), await CommandsAsync(to));
        foreach (var field in new[] { "name", "kind", "description", "target", "parameters", "environment", "concurrency", "approval_by" })
        {
            Assert.That(one.Select(c => c[field]?.ToJsonString()), Is.EqualTo(other.Select(c => c[field]?.ToJsonString())), field);
        }

        Assert.That(one.Select(c => c["id"]!.ToJsonString()).Intersect(other.Select(c => c["id"]!.ToJsonString())), Is.Empty);
    }

    [Test]
    public async Task Import_OfWhatIsThere_ChangesNothing()
    {
        var project = await Client.CreateProjectAsync();
        await ImportAsync(project, Local("a", "one") + Local("b", "one").Split("commands:\n")[1]);
        var again = await ImportAsync(project, await ExportAsync(project));
        Assert.That(ActionsOf(again), Is.EqualTo(new[] { "a unchanged", "b unchanged" }));
        var changed = await ImportAsync(project, Local("a", "two"));
        Assert.That(ActionsOf(changed), Is.EqualTo(new[] { "a update" }));
        Assert.That(
            (await CommandsAsync(project)).Select(c => ((string)c["name"]!, (int)c["version"]!)),
            Is.EqualTo(new[] { ("a", 2), ("b", 1) })
        );
        var events = (await Client.GetAsync($"/api/v1/events?project_id={project}&limit=100")).Body!["items"]!.AsArray();
        Assert.That(
            events.Select(e => (string)e!["action"]!).Where(a => a.StartsWith("command.", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "command.created", "command.created", "command.updated" })
        );
    }

    [Test]
    public async Task Plan_OfADocument_TellsEachChangeAndMakesNone()
    {
        var project = await Client.CreateProjectAsync();
        await ImportAsync(project, Local("stays", "x") + Entry("changes", "x") + Entry("goes", "x"));
        var document =
            Local("stays", "x")
            + """
                  - name: changes
                    kind: local
                    arguments: [/bin/echo, y, "{{A}}"]
                    parameters: [{name: A, default: "no"}]
                    environment: {B: c}

                """
            + Entry("comes", "x");
        var before = await ExportAsync(project);
        var plan = await PlanAsync(project, document, removeMissing: true);
        Assert.That(
            ActionsOf(plan),
            Is.EqualTo(new[] { "stays unchanged", "changes update", "comes create", "goes delete" }),
            plan.ToString()
        );
        Assert.That(
            plan.Body!["items"]![1]!["changes"]!.AsArray().Select(c => $"{c!["path"]}: {c["from"]} → {c["to"]}"),
            Is.EqualTo(
                new[]
                {
                    "arguments: [\"/bin/echo\",\"x\"] → [\"/bin/echo\",\"y\",\"{{A}}\"]",
                    "parameters:  → [\"A\"]",
                    "parameters.A.default:  → no",
                    "environment.B:  → c",
                }
            )
        );
        Assert.That(await ExportAsync(project), Is.EqualTo(before));
        Assert.That(ActionsOf(await PlanAsync(project, document)), Has.No.Member("goes delete"));
        Assert.That((await ImportAsync(project, document, removeMissing: true)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await CommandsAsync(project)).Select(c => (string)c["name"]!), Is.EqualTo(new[] { "changes", "comes", "stays" }));
    }

    [Test]
    public async Task Import_WithErrors_NamesEachPlaceAndChangesNothing()
    {
        var project = await Client.CreateProjectAsync();
        const string Document = """
            version: 2
            extra: 1
            commands:
              - {name: good, kind: local, arguments: ["true"]}
              - name: good
                kind: local
                arguments: ["true", "{{X}}"]
              - name: c
                name: d
                kind: make
                workspace: nowhere
                target: -f
                colour: red
                repeatable: maybe
                timeout_seconds: 0
                parameters:
                  - {name: P, pattern: "(a)\\1", min: low}
                  - {name: Q, type: secret, default: hunter2}
              - kind: ssh
                hosts: [nobody]
                arguments: {a: b}
              - name: e
                kind: other
                description:
              - text
            """;
        var refused = await ImportAsync(project, Document);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(
            refused.ErrorFields,
            Is.EquivalentTo(
                new[]
                {
                    "version",
                    "extra",
                    "commands[1].name",
                    "commands[1].arguments",
                    "commands[2].name",
                    "commands[2].workspace",
                    "commands[2].target",
                    "commands[2].colour",
                    "commands[2].repeatable",
                    "commands[2].timeout_seconds",
                    "commands[2].parameters[0].pattern",
                    "commands[2].parameters[0].min",
                    "commands[2].parameters[1].default",
                    "commands[3].name",
                    "commands[3].hosts[0]",
                    "commands[3].arguments",
                    "commands[4].kind",
                    "commands[4].description",
                    "commands[5]",
                }
            ),
            refused.ToString()
        );
        Assert.That(refused.Text, Does.Not.Contain("hunter2"));
        Assert.That((await PlanAsync(project, Document)).ErrorFields, Is.EquivalentTo(refused.ErrorFields));
        Assert.That(await CommandsAsync(project), Is.Empty);
    }

    [TestCase("no YAML: [", "document")]
    [TestCase("{version: 1}", "commands")]
    [TestCase("{version: 1, commands: }", "commands")]
    [TestCase("{commands: []}", "version")]
    [TestCase("just text", "document")]
    public async Task Import_OfAnotherDocument_IsRefusedByTheField(string document, string field) =>
        Assert.That((await PlanAsync(Project, document)).ErrorFields, Is.EqualTo(new[] { field }));

    [Test]
    public async Task Import_OfTooMuch_IsRefused()
    {
        var many = "version: 1\ncommands:\n" + string.Concat(Enumerable.Range(0, 501).Select(i => Entry($"c{i}", "x")));
        Assert.That((await PlanAsync(Project, many)).ErrorFields, Is.EqualTo(new[] { "commands" }));
        var wrong = "version: 1\ncommands:\n  - name: a\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"    x{i}: 1\n"));
        Assert.That((await PlanAsync(Project, wrong)).ErrorFields.Count(), Is.LessThan(110), "not all of 5000");
        Assert.That((await PlanAsync(Project, new string('a', 1024 * 1024))).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task Import_ByAManager_NeedsWhatEachChangeNeeds()
    {
        var project = await ProjectWithPlacesAsync("east");
        var (manager, _) = await Client.CreateMemberAsync(project, "project_manager");
        var (developer, _) = await Client.CreateMemberAsync(project, "developer");
        var make = "  - {name: a, kind: make, workspace: east, target: deploy}\n";
        Assert.That((await ImportAsync(project, Local("root", "x"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ImportAsync(project, Local("root", "x") + make, by: developer)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        foreach (
            var (document, removes) in new[]
            {
                (Local("root", "y") + make, false),
                (Local("root", "x") + make + Entry("other", "x"), false),
                ("version: 1\ncommands:\n" + make, true),
                ("version: 1\ncommands:\n" + make.Replace("name: a", "name: root", StringComparison.Ordinal), false),
            }
        )
        {
            var refused = await ImportAsync(project, document, removes, by: manager);
            Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "forbidden")), document);
            Assert.That((await PlanAsync(project, document, removes, by: manager)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        }

        Assert.That(await CommandsAsync(project), Has.Count.EqualTo(1), "nothing of a refused document is done");
        var allowed = await ImportAsync(project, Local("root", "x") + make, by: manager);
        Assert.That(ActionsOf(allowed), Is.EqualTo(new[] { "root unchanged", "a create" }), allowed.ToString());
        var platform = await manager.PostAsync(Import, JsonSerializer.Serialize(new { document = "{version: 1, commands: []}" }));
        Assert.That(platform.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await manager.GetAsync("/api/v1/commands/export")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Import_OfAnEarlierPlan_IsRefusedWhenSomethingHasChanged()
    {
        var project = await Client.CreateProjectAsync();
        var document = Local("a", "x");
        var plan = (string)(await PlanAsync(project, document)).Body!["plan_id"]!;
        var other = await ImportAsync(project, Local("a", "y"), plan: plan);
        Assert.That((other.Status, other.Code), Is.EqualTo((HttpStatusCode.PreconditionFailed, "stale_version")));
        Assert.That((await ImportAsync(project, document, plan: plan)).Status, Is.EqualTo(HttpStatusCode.OK));
        plan = (string)(await PlanAsync(project, document, removeMissing: true)).Body!["plan_id"]!;
        await Client.PostAsync("/api/v1/commands", $$"""{"name":"since","project_id":"{{project}}","kind":"local","arguments":["true"]}""");
        var stale = await ImportAsync(project, document, removeMissing: true, plan: plan);
        Assert.That(stale.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That(await CommandsAsync(project), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Export_OfCommandsWithSecrets_HasNone()
    {
        var project = await ProjectWithPlacesAsync("south");
        await ImportAsync(
            project,
            """
            version: 1
            commands:
              - {name: s, kind: ssh, hosts: [south-1], arguments: ["true"], parameters: [{name: PASSWORD, type: secret}]}
            """
        );
        var command = (string)(await CommandsAsync(project))[0]["id"]!;
        var schedule = await Client.PostAsync(
            "/api/v1/schedules",
            $$"""{"command_id":"{{command}}","name":"n","parameters":{"PASSWORD":"correct horse"},"cron":"0 3 1 1 *"}"""
        );
        Assert.That(schedule.Status, Is.EqualTo(HttpStatusCode.Created), schedule.ToString());
        Assert.That(
            await ExportAsync(project),
            Is.EqualTo(
                """
                version: 1
                commands:
                  - name: s
                    kind: ssh
                    hosts:
                      - south-1
                    arguments:
                      - "true"
                    parameters:
                      - name: PASSWORD
                        type: secret

                """
            )
        );
    }

    private static string Local(string name, string argument) => $"version: 1\ncommands:\n{Entry(name, argument)}";

    private static string Entry(string name, string argument) => $"  - {{name: {name}, kind: local, arguments: [/bin/echo, {argument}]}}\n";

    /// <summary>A project with a workspace of the name and two hosts whose names begin with it.</summary>
    private async Task<string> ProjectWithPlacesAsync(string name)
    {
        var project = await Client.CreateProjectAsync();
        var made = new[]
        {
            await Client.PostAsync("/api/v1/workspaces", $$"""{"name":"{{name}}","path":"{{Directory}}","project_id":"{{project}}"}"""),
            await HostAsync($"{name}-1"),
            await HostAsync($"{name}-2"),
        };
        Assert.That(made.Select(m => m.Status), Is.All.EqualTo(HttpStatusCode.Created));
        return project;

        Task<Answer> HostAsync(string host) =>
            Client.PostAsync(
                "/api/v1/hosts",
                $$"""{"name":"{{host}}","address":"127.0.0.1","port":1,"user_name":"nobody","project_id":"{{project}}"}"""
            );
    }

    private async Task<string> ExportAsync(string project)
    {
        var answer = await Client.GetAsync($"/api/v1/commands/export?project_id={project}");
        Assert.That((answer.Status, answer.ContentType), Is.EqualTo((HttpStatusCode.OK, "application/yaml")));
        return answer.Text;
    }

    private async Task<List<JsonNode>> CommandsAsync(string project) =>
        [
            .. (await Client.GetAsync($"/api/v1/commands?project_id={project}&limit=200")).Body!["items"]!
                .AsArray()
                .Select(c => c!)
                .OrderBy(c => (string)c["name"]!, StringComparer.Ordinal),
        ];

    private static string[] ActionsOf(Answer plan) => [.. plan.Body!["items"]?.AsArray().Select(i => $"{i!["name"]} {i["action"]}") ?? []];

    private Task<Answer> PlanAsync(string project, string document, bool removeMissing = false, WombatClient? by = null) =>
        (by ?? Client).PostAsync($"{Import}/plan", Body(project, document, removeMissing).ToJsonString());

    private Task<Answer> ImportAsync(
        string project,
        string document,
        bool removeMissing = false,
        string? plan = null,
        WombatClient? by = null
    )
    {
        var body = Body(project, document, removeMissing);
        body["plan_id"] = plan;
        return (by ?? Client).PostAsync(Import, body.ToJsonString());
    }

    private static JsonObject Body(string project, string document, bool removeMissing) =>
        new()
        {
            ["project_id"] = project,
            ["document"] = document,
            ["remove_missing"] = removeMissing,
        };
}
