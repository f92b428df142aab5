using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Environment variables, user data, clones and names of containers over HTTP, with real local containers.</summary>
[Category("Slow")]
public sealed class CreationTests : InsideTestBase
{
    private const string Secret = "s3cret-value";

    [Test]
    public async Task Environment_OfACreation_ReachesCommandsAndIsNotShownOrKept()
    {
        const string More =
            $$""","environment":{"API_KEY":"{{Secret}}","MODE":"test"},"user_data":"#!/bin/sh\necho {{Secret}} > /ran\n" """;
        var (path, job) = await Client.CreateContainerAsync(Project, more: More);
        var shown = new List<JsonNode> { await Client.WaitForJobAsync(job) };
        Assert.That((string)shown[0]["status"]!, Is.EqualTo("succeeded"), shown[0].ToJsonString());
        var container = (await Client.GetAsync(path)).Body!;
        Assert.That(container["environment"]!.AsArray().Select(n => (string)n!), Is.EqualTo(new[] { "API_KEY", "MODE" }));
        Assert.That((bool)container["has_user_data"]!, Is.True);

        var exec = await Client.PostAsync(
            $"{path}/exec",
            """{"command":["sh","-c","until [ -s /ran ]; do sleep 1; done; echo $MODE; cat /ran"]}"""
        );
        await Client.WaitForJobAsync(exec.Location!);
        var log = (await Client.GetAsync($"{exec.Location}/log")).Body!["items"]!.AsArray();
        Assert.That(
            log.Where(l => (string)l!["stream"]! == "stdout").Select(l => (string)l!["text"]!),
            Is.EqualTo(new[] { "test", Secret })
        );

        shown.Add(container);
        shown.Add((await Client.GetAsync($"{path}/events?limit=200")).Body!);
        shown.Add((await Client.GetAsync($"{job}/log?limit=1000")).Body!);
        Assert.That(shown.Select(s => s.ToJsonString()), Has.None.Contains(Secret));
        var id = (string)container["id"]!;
        foreach (
            var stored in new[]
            {
                $"select spec::text from resources where id = '{id}'",
                $"select coalesce(string_agg(arguments::text, ''), '') from jobs where resource_id = '{id}'",
                "select coalesce(string_agg(to_jsonb(e)::text, ''), '') from events e",
            }
        )
        {
            Assert.That(await Server.ScalarAsync<string>(stored), Does.Not.Contain(Secret), stored);
        }
    }

    [Test]
    public async Task Clone_OfASnapshot_IsAContainerOfItsOwn()
    {
        var (path, job) = await Client.CreateContainerAsync(Project, more: ""","environment":{"MODE":"test"},"user_data":"#!/bin/sh" """);
        await Client.WaitForJobAsync(job);
        var name = (string)(await Client.GetAsync(path)).Body!["external_id"]!;
        await Lxc.InsideAsync(Server.DataDirectory, name, "echo good > /data");
        await SucceedAsync(await Client.PostAsync($"{path}/snapshots", """{"name":"before"}"""));
        var asked = await Client.PostAsync($"{path}/snapshots/before/clone", """{"name":"twin","memory":48}""");
        await SucceedAsync(asked);
        var source = (await Client.GetAsync(path)).Body!;
        var clone = (await Client.GetAsync($"/api/v1/projects/{Project}/containers/{asked.Body!["id"]}")).Body!;
        Assert.That(((string)clone["status"]!, (string)clone["name"]!), Is.EqualTo(("running", "twin")));
        Assert.That(
            clone["origin"]!.ToJsonString(),
            Is.EqualTo(new JsonObject { ["container_id"] = (string)source["id"]!, ["snapshot"] = "before" }.ToJsonString())
        );
        Assert.That((int)clone["memory"]!, Is.EqualTo(48));
        Assert.That((clone["environment"]!.ToJsonString(), (bool)clone["has_user_data"]!), Is.EqualTo(("[\"MODE\"]", true)));
        Assert.That((string)clone["template"]!, Is.EqualTo((string)source["template"]!));
        Assert.That((string?)clone["host_name"], Is.EqualTo((string?)source["host_name"]));
        var read = await Lxc.InsideAsync(Server.DataDirectory, (string)clone["external_id"]!, "cat /data; hostname");
        Assert.That(read.Output, Is.EqualTo("good\ntwin\n"));

        var missing = await Client.PostAsync($"{path}/snapshots/none/clone", "{}");
        var failed = await Client.WaitForJobAsync(missing.Location!);
        Assert.That((string)failed["error"]!["message"]!, Does.Contain("has no snapshot none"), failed.ToJsonString());
    }

    [Test]
    public async Task Rename_ChangesNameAndHostName()
    {
        var (path, name) = await NewContainerAsync();
        var asked = await Client.PostAsync($"{path}/rename", """{"name":"shop"}""");
        Assert.That((string)asked.Body!["name"]!, Is.EqualTo("shop"), asked.ToString());
        await SucceedAsync(asked);
        var container = (await Client.GetAsync(path)).Body!;
        Assert.That(((string)container["name"]!, (string)container["external_id"]!), Is.EqualTo(("shop", name)));
        Assert.That((await Lxc.InsideAsync(Server.DataDirectory, name, "hostname")).Output, Is.EqualTo("shop\n"));

        var (other, _) = await NewContainerAsync();
        var taken = await Client.PostAsync($"{other}/rename", """{"name":"shop"}""");
        Assert.That((taken.Status, (string?)taken.Body!["code"]), Is.EqualTo((HttpStatusCode.Conflict, "name_taken")), taken.ToString());
        var again = await Client.PostAsync($"{other}/rename", """{"name":"Not A Name"}""");
        Assert.That((int)again.Status, Is.EqualTo(400), again.ToString());
    }

    [Test]
    public async Task Rename_ThatIsCancelled_GivesTheOldNameBack()
    {
        var (path, _) = await NewContainerAsync();
        var before = (string)(await Client.GetAsync(path)).Body!["name"]!;
        var exec = await Client.PostAsync($"{path}/exec", """{"command":["sleep","60"]}""");
        var asked = await Client.PostAsync($"{path}/rename", """{"name":"never"}""");
        Assert.That((string)asked.Body!["name"]!, Is.EqualTo("never"), asked.ToString());
        await Client.PostAsync($"{asked.Location}/cancel");
        Assert.That((string)(await Client.WaitForJobAsync(asked.Location!))["status"]!, Is.EqualTo("cancelled"));
        Assert.That((string)(await Client.GetAsync(path)).Body!["name"]!, Is.EqualTo(before));
        await Client.PostAsync($"{exec.Location}/cancel");
    }

    [TestCase(""" "environment":{"A B":"x"} """, "environment")]
    [TestCase(""" "environment":{"A":"two\nlines"} """, "environment")]
    [TestCase(""" "environment":{"A":null} """, "environment")]
    [TestCase(""" "user_data":"echo no script" """, "user_data")]
    public async Task Create_WithAnInvalidValue_NamesTheFieldAndNotTheValue(string field, string named)
    {
        var refused = await Client.PostAsync($"/api/v1/projects/{Project}/containers", $$"""{"template":"busybox",{{field}}}""");
        Assert.That((int)refused.Status, Is.EqualTo(400), refused.ToString());
        Assert.That(((JsonObject)refused.Body!["errors"]!).Select(e => e.Key), Is.EqualTo(new[] { named }));
        Assert.That(refused.ToString(), Does.Not.Contain("no script"));
    }

    [Test]
    public async Task Create_AtAPluginThatCannot_NamesTheField()
    {
        await using var plain = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = "/bin/true",
                ["PLUGINS_PROXMOX_DIALECT"] = "plain",
            }
        );
        var project = await plain.Client.CreateProjectAsync();
        foreach (
            var (json, field) in new[] { ("\"environment\":{\"A\":\"x\"}", "environment"), ("\"user_data\":\"#!/bin/sh\"", "user_data") }
        )
        {
            var refused = await plain.Client.PostAsync($"/api/v1/projects/{project}/containers", $$"""{"template":"a",{{json}}}""");
            Assert.That(((JsonObject)refused.Body!["errors"]!).Select(e => e.Key), Is.EqualTo(new[] { field }), refused.ToString());
        }
    }

    private async Task SucceedAsync(Answer asked)
    {
        Assert.That((int)asked.Status, Is.EqualTo(202), asked.ToString());
        var job = await Client.WaitForJobAsync(asked.Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
    }
}
