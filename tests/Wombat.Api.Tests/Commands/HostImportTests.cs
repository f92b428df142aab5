using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Hosts from an OpenSSH client configuration, and their export.</summary>
public sealed class HostImportTests
{
    private const string Document = """
        Include other
        Host web1 web2
          HostName %h.example.org
          ProxyJump gate
          IdentityFile ~/.ssh/id_ed25519
        Host gate
          HostName 192.0.2.1
          Port 2222
        Host *
          User deploy
        """;

    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Import_OfAConfiguration_RegistersWhatThePlanSaysAndNothingTwice()
    {
        var project = await Client.CreateProjectAsync();
        var plan = await ImportAsync(project, Document, "/plan");
        Assert.That(
            Summary(plan),
            Is.EqualTo(
                "create web1 web1.example.org 22 deploy gate, create web2 web2.example.org 22 deploy gate, "
                    + "create gate 192.0.2.1 2222 deploy "
            )
        );
        Assert.That(plan.Body!["items"]![0]!["ignored"]!.ToJsonString(), Is.EqualTo("""["line 5: IdentityFile"]"""));
        Assert.That(plan.Body["ignored"]!.ToJsonString(), Is.EqualTo("""["line 1: Include"]"""));
        Assert.That(await ListAsync(project), Is.Empty, "a plan registers nothing");
        var imported = await ImportAsync(project, Document);
        Assert.That(Summary(imported), Is.EqualTo(Summary(plan)));
        var hosts = await ListAsync(project);
        var gate = hosts.Single(h => (string)h["name"]! == "gate");
        Assert.That(
            imported.Body!["items"]!.AsArray().Select(i => (string)i!["host_id"]!),
            Is.EquivalentTo(hosts.Select(h => (string)h["id"]!))
        );
        Assert.That(hosts.Where(h => h != gate).Select(h => (string?)h["jump_host_id"]), Is.All.EqualTo((string)gate["id"]!));
        Assert.That(hosts.Select(h => (string)h["public_key"]!).Distinct().Count(), Is.EqualTo(3), "each has a key of its own");
        Assert.That(hosts.Select(h => (string)h["state"]!), Is.All.EqualTo("unverified"));
        var changed = Document.Replace("192.0.2.1", "192.0.2.2", StringComparison.Ordinal);
        var again = await ImportAsync(project, changed);
        Assert.That(
            again.Body!["items"]!.AsArray().Select(i => (string)i!["action"]!),
            Is.EqualTo(new[] { "unchanged", "unchanged", "skip" })
        );
        Assert.That(again.Body["items"]![2]!["differences"]!.ToJsonString(), Is.EqualTo("""["address"]"""));
        Assert.That((await ListAsync(project)).Select(h => h.ToJsonString()), Is.EqualTo(hosts.Select(h => h.ToJsonString())));
        Assert.That((await Client.GetAsync("/api/v1/events?action=host.created")).Text, Does.Not.Contain("PRIVATE KEY"));
    }

    [Test]
    public async Task Import_WithErrors_TellsAllOfThemAndRegistersNothing()
    {
        var project = await Client.CreateProjectAsync();
        var refused = await ImportAsync(
            project,
            """
            Host good
              User ann
            Host bad
              HostName -oProxyCommand=touch
              Port ninety
              User "a;b"
            Host nobody
              ProxyJump far
            Host one
              User ann
              ProxyJump two
            Host two
              User ann
              ProxyJump good
            Host open
              User "ann
            """
        );
        Assert.That(
            (refused.Status, refused.ErrorFields.Single()),
            Is.EqualTo((HttpStatusCode.BadRequest, "document")),
            refused.ToString()
        );
        var errors = refused.Body!["errors"]!["document"]!.AsArray().Select(e => (string)e!).ToList();
        Assert.That(errors, Has.Some.StartsWith("line 4: HostName of bad ").And.Some.StartsWith("line 5: Port of bad "));
        Assert.That(errors, Has.Some.StartsWith("line 6: User of bad ").And.Some.StartsWith("line 7: nobody has no User"));
        Assert.That(
            errors,
            Has.Some.StartsWith("line 8: ProxyJump far must").And.Some.StartsWith("line 11: ProxyJump two has a jump host")
        );
        Assert.That(errors, Has.Some.StartsWith("line 16: a quotation mark"));
        Assert.That(await ListAsync(project), Is.Empty);
        var none = await ImportAsync(project, "Host *\n  User ann\n", "/plan");
        Assert.That((string)none.Body!["errors"]!["document"]![0]!, Does.Contain("without wildcards"));
        var many = string.Concat(Enumerable.Range(0, 201).Select(i => $"Host h{i}\n  User ann\n"));
        Assert.That((await ImportAsync(project, many)).Text, Does.Contain("201 hosts"));
        Assert.That((await ImportAsync(Guid.NewGuid().ToString(), Document)).Code, Is.EqualTo("project_not_found"));
        Assert.That((await ImportAsync(Guid.NewGuid().ToString(), Document, "/plan")).Code, Is.EqualTo("project_not_found"));
    }

    [Test]
    public async Task Import_WithARegisteredJumpHost_UsesIt()
    {
        var created = await Client.PostAsync("/api/v1/hosts", """{"name":"bastion","address":"192.0.2.9","user_name":"jump"}""");
        var project = await Client.CreateProjectAsync();
        var imported = await ImportAsync(project, "Host db\n  User ann\n  ProxyJump bastion\n");
        Assert.That(imported.Status, Is.EqualTo(HttpStatusCode.OK), imported.ToString());
        Assert.That((string?)(await ListAsync(project)).Single()["jump_host_id"], Is.EqualTo((string)created.Body!["id"]!));
        var again = await ImportAsync(project, "Host db\n  User ann\n  ProxyJump none\n", "/plan");
        Assert.That(again.Body!["items"]![0]!["differences"]!.ToJsonString(), Is.EqualTo("""["jump_host_id"]"""));
    }

    [Test]
    public async Task Export_OfAProject_IsYamlWithPublicKeysOnly()
    {
        var project = await Client.CreateProjectAsync();
        await ImportAsync(project, "Host b\n  HostName ::1\n  User ann\n  ProxyJump a\nHost a\n  User ann\n");
        var hosts = (await ListAsync(project)).ToDictionary(h => (string)h["name"]!);
        var first = hosts["a"];
        await Client.PutAsync(
            $"/api/v1/hosts/{first["id"]}",
            """{"name":"a: \"ü\\ #1","address":"a","user_name":"ann","labels":["web","env=prod"]}"""
        );
        var unixName = (string)(await Client.GetAsync($"/api/v1/projects/{project}")).Body!["unix_name"]!;
        using var exported = await Client.Http.GetAsync($"/api/v1/hosts/export?project_id={project}");
        Assert.That(exported.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/yaml"));
        Assert.That(
            await exported.Content.ReadAsStringAsync(),
            Is.EqualTo(
                $$"""
                hosts:
                  - name: "a: \"ü\\ #1"
                    project: {{unixName}}
                    address: a
                    port: 22
                    user_name: ann
                    labels:
                      - env=prod
                      - web
                    public_key: {{first["public_key"]}}
                  - name: b
                    project: {{unixName}}
                    address: "::1"
                    port: 22
                    user_name: ann
                    jump_host: "a: \"ü\\ #1"
                    public_key: {{hosts["b"]["public_key"]}}

                """
            )
        );
        var (viewer, _) = await Client.CreateMemberAsync(project, "viewer");
        var all = await viewer.Http.GetStringAsync("/api/v1/hosts/export");
        Assert.That(all, Does.Contain("name: b").And.Not.Contain("bastion"), "only the hosts that the caller sees");
    }

    private Task<Answer> ImportAsync(string project, string document, string more = "") =>
        Client.PostAsync(
            $"/api/v1/hosts/import{more}",
            new JsonObject { ["project_id"] = project, ["document"] = document }.ToJsonString()
        );

    private async Task<List<JsonNode>> ListAsync(string project) =>
        [.. (await Client.GetAsync($"/api/v1/hosts?project_id={project}")).Body!["items"]!.AsArray().Select(h => h!)];

    private static string Summary(Answer answer) =>
        string.Join(
            ", ",
            answer.Body!["items"]!
                .AsArray()
                .Select(i => $"{i!["action"]} {i["name"]} {i["address"]} {i["port"]} {i["user_name"]} {i["jump_host"]}")
        );
}
