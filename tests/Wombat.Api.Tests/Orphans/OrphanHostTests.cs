using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Orphans;

/// <summary>Orphans on two hosts, through the API of one of them.</summary>
public sealed class OrphanHostTests : OrphanTestBase
{
    private TestFolder farFolder = null!;
    private TestServer near = null!;
    private TestServer? far;

    private WombatClient Client => near.Client;

    [SetUp]
    public async Task Start()
    {
        farFolder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(farFolder.Path, "host-id"), $"{Guid.NewGuid()}\nfar\n");
        near = await TestServer.StartAsync(HostSettings, cli: ScriptedCli.Marked);
        await StartFarAsync();
    }

    [TearDown]
    public async Task Stop()
    {
        await StopFarAsync();
        await near.DisposeAsync();
        farFolder.Dispose();
    }

    [Test]
    public async Task Orphan_OfAnotherHost_IsAdoptedAndRemovedThere()
    {
        var (adopted, removed, here) = (Plant(farFolder.Path), Plant(farFolder.Path), Plant(near.DataDirectory));
        var orphan = await OrphanAsync(Client, adopted);
        Assert.That((string)orphan["host_name"]!, Is.EqualTo("far"));
        Assert.That((string)(await OrphanAsync(Client, here))["host_name"]!, Is.Not.EqualTo("far"));

        var answer = await AdoptAsync(Client, orphan, await Client.CreateProjectAsync());
        Assert.That((answer.Status, (string?)answer.Body!["host_name"]), Is.EqualTo((HttpStatusCode.OK, "far")), answer.ToString());
        var path = $"/api/v1/projects/{answer.Body["project_id"]}/containers/{answer.Body["id"]}";
        var stop = await Client.WaitForJobAsync((await Client.PostAsync($"{path}/stop")).Location!);
        Assert.That((string)stop["status"]!, Is.EqualTo("succeeded"), stop.ToJsonString());

        var job = await Client.WaitForJobAsync((await RemoveAsync(Client, await OrphanAsync(Client, removed))).Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
        Assert.That((Exists(farFolder.Path, removed), Exists(farFolder.Path, adopted)), Is.EqualTo((false, true)));
        Assert.That(Exists(near.DataDirectory, here), Is.True);
    }

    [Test]
    public async Task Remove_WhenTheHostIsAway_WaitsForIt()
    {
        var name = Plant(farFolder.Path);
        var orphan = await OrphanAsync(Client, name);
        await StopFarAsync();
        var job = (await RemoveAsync(Client, orphan)).Location!;
        var waiting = await Eventually.GetAsync(
            () => Client.GetAsync(job),
            a => (string?)a.Body!["error"]?["code"] == "host_unavailable",
            "the job waits for the host",
            Timeout
        );
        Assert.That((string)waiting.Body!["status"]!, Is.EqualTo("queued"));
        Assert.That((await AdoptAsync(Client, orphan, await Client.CreateProjectAsync())).Code, Is.EqualTo("already_deleting"));
        await StartFarAsync();
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(Exists(farFolder.Path, name), Is.False);
    }

    private static Dictionary<string, string> HostSettings => new(Settings, StringComparer.Ordinal) { ["HOSTS_TIMEOUT_SECONDS"] = "3" };

    private async Task StartFarAsync() =>
        far = await TestServer.StartAsync(HostSettings, replicaOf: near, dataDirectory: farFolder, cli: ScriptedCli.Marked);

    private async Task StopFarAsync()
    {
        if (far is { } running)
        {
            far = null;
            await running.DisposeAsync();
        }
    }
}
