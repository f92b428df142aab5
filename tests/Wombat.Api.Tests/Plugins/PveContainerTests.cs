using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Plugins;

/// <summary>Nodes and snapshots of containers of Proxmox VE over HTTP.</summary>
[Category("Slow")]
public sealed class PveContainerTests
{
    private FakePve pve = null!;
    private TestServer server = null!;
    private string project = "";

    private WombatClient Client => server.Client;

    private string Containers => $"/api/v1/projects/{project}/containers";

    [OneTimeSetUp]
    public async Task Start()
    {
        pve = await FakePve.StartAsync();
        pve.UsedMemory["pve3"] = 60;
        var exports = string.Join('\n', pve.Environment().Where(e => e.Key != "FORGE_PVE_NODE").Select(e => $"export {e.Key}='{e.Value}'"));
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_DIALECT"] = "forge",
                ["PLUGINS_PROXMOX_CLI_ENVIRONMENT"] = """["FORGE_BACKEND=pve","FORGE_PVE_NODE=pve1,pve2"]""",
                ["PLUGINS_SINGLE_TYPE"] = "proxmox",
                ["PLUGINS_SINGLE_CLI_PATH"] = WombatProcess.Forge(),
                ["PLUGINS_PROXMOX_DEFAULT"] = "true",
                ["RECONCILER_INTERVAL_SECONDS"] = "0.3",
            },
            cli: $"{exports}\nexec '{WombatProcess.Forge()}' \"$@\""
        );
        project = await Client.CreateProjectAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await pve.DisposeAsync();
    }

    [Test]
    public async Task Container_WithANode_IsCreatedThereAndShowsWhereItIs()
    {
        var path = await MakeAsync(""","node":"pve2" """);
        var made = (await Client.GetAsync(path)).Body!;
        var id = int.Parse((string)made["external_id"]!);
        Assert.That(((string)made["node"]!, pve.NodeOf(id)), Is.EqualTo(("pve2", "pve2")));
        var events = (await EventsAsync(path)).Count;
        pve.MigrateExternally(id, "pve3");
        await Client.WaitAsync(path, "node", TimeSpan.FromSeconds(20), "pve3");
        Assert.That(await EventsAsync(path), Has.Count.EqualTo(events), "a migration is no event");
        Assert.That((string)(await Client.GetAsync(await MakeAsync(""))).Body!["node"]!, Is.EqualTo("pve1"), "the most free memory");
    }

    [TestCase(""","node":"pve3" """, "must be one of pve1, pve2")]
    [TestCase(""","node":"pve2","plugin":"single" """, "is not supported by the plugin single")]
    [TestCase(""","node":"../x" """, "")]
    [TestCase(""","node":"-x" """, "")]
    public async Task Create_WithANodeThatIsNone_NamesTheField(string more, string says)
    {
        var template = more.Contains("single", StringComparison.Ordinal) ? "busybox" : "debian-12";
        var body = $$"""{"template":"{{template}}"{{more}}}""";
        var refused = await Client.PostAsync(Containers, body);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields, Is.EqualTo(new[] { "node" }));
        Assert.That(refused.ToString(), Does.Contain(says));
        if (says.Length > 0)
        {
            var plan = (await Client.PostAsync($"{Containers}/plan", body)).Body!;
            Assert.That(
                plan["objections"]!.AsArray().Select(o => ((string)o!["field"]!, (string)o["message"]!)),
                Does.Contain(("node", says))
            );
        }
    }

    [Test]
    public async Task Snapshots_OfAContainer_AreMadeListedRestoredAndDeleted()
    {
        var path = await MakeAsync("");
        var container = (await Client.GetAsync(path)).Body!;
        var id = int.Parse((string)container["external_id"]!);
        Assert.That(
            container["actions"]!.AsArray().Select(a => (string)a!),
            Is.SupersetOf(new[] { "snapshot", "restore", "delete_snapshot" }).And.No.Member("rebuild").And.No.Member("exec")
        );
        pve.WriteFiles(id, "good");
        await SucceedAsync(await Client.PostAsync($"{path}/snapshots", """{"name":"before","expires_at":"2099-01-02T03:04:05Z"}"""));
        pve.SnapshotExternally(id, "By_Ada", "made by hand");
        var items = (await Client.GetAsync($"{path}/snapshots")).Body!["items"]!.AsArray();
        Assert.That(
            items.Select(s => ((string)s!["name"]!, (string?)s["expires_at"] is not null, s["bytes"] is null)),
            Is.EquivalentTo(new[] { ("before", true, true), ("By_Ada", false, true) })
        );
        pve.WriteFiles(id, "bad");
        await SucceedAsync(await Client.PostAsync($"{path}/snapshots/before/restore"));
        Assert.That((pve.FilesOf(id), (string)(await Client.GetAsync(path)).Body!["status"]!), Is.EqualTo(("good", "running")));
        await SucceedAsync(await Client.PostAsync($"{path}/snapshots/By_Ada/restore"));
        await SucceedAsync(await Client.DeleteAsync($"{path}/snapshots/By_Ada"));
        Assert.That(pve.SnapshotsOf(id), Is.EqualTo(new[] { "before" }));
    }

    [TestCase("a")]
    [TestCase("current")]
    [TestCase("a-name-of-more-than-forty-characters-is-long")]
    public async Task Snapshot_WithANameThatProxmoxRefuses_Is400(string name)
    {
        var path = await MakeAsync("");
        var refused = await Client.PostAsync($"{path}/snapshots", $$"""{"name":"{{name}}"}""");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields, Is.EqualTo(new[] { "name" }));
    }

    [Test]
    public async Task Snapshot_ThatHasExpired_IsDeleted()
    {
        var path = await MakeAsync("");
        var id = int.Parse((string)(await Client.GetAsync(path)).Body!["external_id"]!);
        pve.SnapshotExternally(id, "old", "wombat-expires: 2020-01-01T00:00:00Z");
        pve.SnapshotExternally(id, "theirs", "kept");
        await Eventually.UntilAsync(
            () => pve.SnapshotsOf(id).SequenceEqual(["theirs"], StringComparer.Ordinal),
            "the expired one is deleted",
            TimeSpan.FromMinutes(2)
        );
    }

    private async Task<string> MakeAsync(string more)
    {
        var (path, job) = await Client.CreateContainerAsync(project, "debian-12", more);
        var made = await Client.WaitForJobAsync(job);
        Assert.That((string)made["status"]!, Is.EqualTo("succeeded"), (await Client.GetAsync($"{job}/log")).Text);
        return path;
    }

    private async Task<JsonArray> EventsAsync(string path) => (await Client.GetAsync($"{path}/events")).Body!["items"]!.AsArray();

    private async Task SucceedAsync(Answer asked)
    {
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        JsonNode job = await Client.WaitForJobAsync(asked.Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
    }
}
