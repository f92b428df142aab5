using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosts;

/// <summary>Two replicas with separate data directories and local containers.</summary>
[Category("Slow")]
public sealed class HostBoundTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private TestFolder farFolder = null!;
    private TestServer near = null!;
    private TestServer? far;

    private WombatClient Client => near.Client;

    [SetUp]
    public async Task Start()
    {
        farFolder = new TestFolder();
        near = await TestServer.StartAsync(Settings, cli: ScriptedCli.Fickle);
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
    public async Task Reconciler_WithTwoHosts_ChecksContainersOnTheirOwnHost()
    {
        var containers = await MakeOnBothAsync();
        var from = DateTimeOffset.UtcNow;
        foreach (var container in containers)
        {
            await ObservedAfterAsync(container, from);
        }

        Assert.That(await near.ScalarAsync<long>("select count(*) from events where action = 'container.missing'"), Is.Zero);
        Assert.That(await near.ScalarAsync<long>("select count(distinct host_id) from resources"), Is.EqualTo(2));
        foreach (var container in containers)
        {
            await Client.WaitForJobAsync((await Client.DeleteAsync(container)).Location!);
        }

        Assert.That(Made(near.DataDirectory).Concat(Made(farFolder.Path)), Is.Empty, "each container was deleted on its own host");
    }

    [Test]
    public async Task Delete_WhenHostIsOffline_WaitsForIt()
    {
        var container = await MakeFarAsync();
        var externalId = (string)(await Client.GetAsync(container)).Body!["external_id"]!;
        await StopFarAsync();
        await Client.WaitAsync(container, "status", Timeout, "unknown");
        var lost = (await Client.GetAsync(container)).Body!;
        Assert.That((string)lost["status_reason"]!, Does.StartWith("The host far has not reported since").And.EndWith("UTC."));
        Assert.That(lost["actions"]!.AsArray().Select(a => (string)a!), Does.Contain("delete").And.Not.Contain("start"));

        var job = (await Client.DeleteAsync(container)).Location!;
        var waiting = await UntilAsync(job, j => (string?)j["error"]?["code"] == "host_unavailable");
        Assert.That((string)waiting["status"]!, Is.EqualTo("queued"));
        Assert.That((string)waiting["error"]!["message"]!, Does.StartWith("The job waits for the host far"));
        var deleting = await UntilAsync(container, c => c["status_reason"] is not null);
        Assert.That((string)deleting["status"]!, Is.EqualTo("deleting"));
        Assert.That(Made(farFolder.Path), Does.Contain(externalId));

        await StartFarAsync();
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("deleted"));
        Assert.That(Made(farFolder.Path), Does.Not.Contain(externalId));
    }

    [Test]
    public async Task Run_WhenTheHostOfItsWorkspaceIsOffline_SaysThatItWaitsForIt()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Makefile"), "all:\n\t@echo made\n");
        var workspace = await far!.Client.PostAsync("/api/v1/workspaces", $$"""{"name":"far","path":"{{folder.Path}}"}""");
        var command = await Client.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"far","kind":"make","workspace_id":"{{workspace.Body!["id"]}}","target":"all"}"""
        );
        await StopFarAsync();
        var run = $"/api/v1/runs/{(await Client.PostAsync($"{command.Location}/runs", "{}")).Body!["id"]}";
        var waiting = await UntilAsync(run, r => r["error"] is not null);
        Assert.That(((string)waiting["status"]!, (string)waiting["error"]!["code"]!), Is.EqualTo(("queued", "host_unavailable")));
        Assert.That((string)waiting["error"]!["message"]!, Does.StartWith("The job waits for the host far"));
        await StartFarAsync();
        Assert.That((string)(await Client.WaitAsync(run, "status", Timeout, "succeeded", "failed"))["status"]!, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Container_WhenHostReturns_HasItsStatusAgain()
    {
        var container = await MakeFarAsync();
        await StopFarAsync();
        await Client.WaitAsync(container, "status", Timeout, "unknown");
        await StartFarAsync();
        await Client.WaitAsync(container, "status", Timeout, "running");
    }

    [Test]
    public async Task Forget_WhenHostIsLostAndDeleteCancelled_RemovesTheContainer()
    {
        var container = await MakeFarAsync();
        var externalId = (string)(await Client.GetAsync(container)).Body!["external_id"]!;
        await StopFarAsync();
        await Client.WaitAsync(container, "status", Timeout, "unknown");
        var job = (await Client.DeleteAsync(container)).Location!;
        Assert.That((int)(await Client.PostAsync($"{job}/cancel")).Status, Is.LessThan(300));
        await Client.WaitAsync(container, "status", Timeout, "unknown");
        var forgotten = await Client.PostAsync(
            $"{container}/forget",
            $$"""{"name":"{{(await Client.GetAsync(container)).Body!["name"]}}"}"""
        );
        Assert.That(forgotten.Status, Is.EqualTo(HttpStatusCode.OK), forgotten.ToString());
        Assert.That((string)forgotten.Body!["status"]!, Is.EqualTo("deleted"));
        Assert.That(Made(farFolder.Path), Does.Contain(externalId), "nothing was deleted outside Wombat");
    }

    [Test]
    public async Task Container_WithoutAHost_IsAssignedToTheHostThatHasIt()
    {
        var containers = await MakeOnBothAsync(atLeast: 2);
        var gone = await FarAsync(containers);
        containers.Remove(gone);
        File.Delete(Path.Combine(farFolder.Path, "made", (string)(await Client.GetAsync(gone)).Body!["external_id"]!));
        await Client.WaitAsync(gone, "status", Timeout, "missing");
        await near.ExecuteAsync("update resources set host_id = null, host_name = null, version = version + 1");
        foreach (var container in containers)
        {
            await UntilAsync(container, c => c["host_name"] is not null);
            Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("running"));
        }

        await Client.WaitAsync(gone, "status", Timeout, "unknown");
        var job = (await Client.DeleteAsync(gone)).Location!;
        await UntilAsync($"{job}/log", l => l["items"]!.ToString().Contains("waiting for the host that has it", StringComparison.Ordinal));
        Assert.That((string)(await Client.GetAsync(gone)).Body!["status"]!, Is.EqualTo("deleting"), "no host may report it as deleted");
    }

    private static Dictionary<string, string> Settings =>
        new(StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_HOST_BOUND"] = "true",
            ["HOSTS_TIMEOUT_SECONDS"] = "3",
            ["QUOTAS_CONTAINERS_PER_PROJECT"] = "0",
            ["RECONCILER_INTERVAL_SECONDS"] = "0.2",
        };

    private async Task StartFarAsync()
    {
        var id = Path.Combine(farFolder.Path, "host-id");
        if (!File.Exists(id))
        {
            await File.WriteAllTextAsync(id, $"{Guid.NewGuid()}\nfar\n");
        }

        far = await TestServer.StartAsync(Settings, replicaOf: near, dataDirectory: farFolder, cli: ScriptedCli.Fickle);
    }

    private async Task StopFarAsync()
    {
        if (far is { } running)
        {
            far = null;
            await running.DisposeAsync();
        }
    }

    private static string[] Made(string folder) =>
        Directory.Exists(Path.Combine(folder, "made"))
            ? [.. Directory.GetFiles(Path.Combine(folder, "made")).Select(f => Path.GetFileName(f)).Where(f => !f.StartsWith('.'))]
            : [];

    /// <summary>Creates containers until both hosts have one.</summary>
    private async Task<List<string>> MakeOnBothAsync(int atLeast = 1)
    {
        var project = await Client.CreateProjectAsync();
        var containers = new List<string>();
        while (Made(near.DataDirectory).Length < atLeast || Made(farFolder.Path).Length < atLeast)
        {
            Assert.That(containers, Has.Count.LessThan(200), "all containers were created on one host");
            // Several jobs at once, because one idle replica can claim every single one.
            var requested = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Client.CreateContainerAsync(project, "quick")));
            foreach (var (container, job) in requested)
            {
                Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
                containers.Add(container);
            }
        }

        return containers;
    }

    private async Task<string> MakeFarAsync() => await FarAsync(await MakeOnBothAsync());

    private async Task<string> FarAsync(IEnumerable<string> containers)
    {
        foreach (var container in containers)
        {
            if ((string)(await Client.GetAsync(container)).Body!["host_name"]! == "far")
            {
                return container;
            }
        }

        throw new InvalidOperationException("None of them is on the far host.");
    }

    private Task ObservedAfterAsync(string container, DateTimeOffset from) =>
        UntilAsync(container, c => (DateTimeOffset)c["observed_at"]! > from && (string)c["status"]! == "running");

    private async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> condition) =>
        (await Eventually.GetAsync(() => Client.GetAsync(path), a => condition(a.Body!), path)).Body!;
}
