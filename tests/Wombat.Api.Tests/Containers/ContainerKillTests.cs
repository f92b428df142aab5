using System.Text.Json.Nodes;
using Wombat.Api.Tests.Databases;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>SIGKILL to the real program before, during and after the call of forge for an operation on a container.</summary>
[Category("Slow")]
public sealed class ContainerKillTests
{
    private static readonly string[] Steps = ["before", "during", "after"];
    private TestFolder folder = null!;
    private PausedForge forge = null!;
    private KilledWombat wombat = null!;
    private string container = "";
    private string name = "";

    private WombatClient Client => wombat.Client;

    [SetUp]
    public async Task Create()
    {
        folder = new TestFolder();
        forge = new PausedForge(folder.Path);
        wombat = await KilledWombat.StartAsync([.. forge.Environment.Select(e => (e.Key, e.Value))]);
        (container, var job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), more: ",\"memory\":64");
        await Client.WaitForJobAsync(job, 60);
        name = (string)(await Client.GetAsync(container)).Body!["external_id"]!;
    }

    [TearDown]
    public async Task Destroy()
    {
        await wombat.KillAsync();
        await Lxc.DestroyAllAsync(wombat.DataDirectory);
        await wombat.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Kill_DuringAResize_AppliesIt()
    {
        var memory = 96;
        foreach (var step in Steps)
        {
            memory += 32;
            await KillAsync("resize", step, () => Client.PostAsync($"{container}/resize", $$"""{"memory":{{memory}}}"""));
            Assert.That((int?)(await Client.GetAsync(container)).Body!["memory"], Is.EqualTo(memory), step);
            Assert.That(
                await Lxc.ReadCgroupAsync(wombat.DataDirectory, name, "memory.limit_in_bytes", "memory.max"),
                Is.EqualTo((long)memory << 20),
                step
            );
        }
    }

    [Test]
    public async Task Kill_DuringASnapshotOrRestore_CompletesIt()
    {
        foreach (var step in Steps)
        {
            await InsideAsync("echo good > /data; sync");
            await KillAsync("snapshot create", step, () => Client.PostAsync($"{container}/snapshots", $$"""{"name":"{{step}}"}"""));
            await InsideAsync("echo bad > /data; sync");
            await KillAsync("snapshot restore", step, () => Client.PostAsync($"{container}/snapshots/{step}/restore"));
            Assert.That(await InsideAsync("cat /data"), Is.EqualTo("good\n"), step);
        }

        var all = (await Client.GetAsync($"{container}/snapshots")).Body!["items"]!.AsArray();
        Assert.That(all.Select(s => (string)s!["name"]!), Is.EqualTo(Steps), "each is there once");
    }

    [Test]
    public async Task Kill_DuringARebuild_CompletesItOnce()
    {
        foreach (var step in Steps)
        {
            await InsideAsync("echo mine > /data; sync");
            await KillAsync("rebuild", step, () => Client.PostAsync($"{container}/rebuild"));
            Assert.That(await InsideAsync("ls /data /bin/busybox"), Is.EqualTo("/bin/busybox\n"), step);
        }
    }

    private async Task KillAsync(string command, string step, Func<Task<Answer>> request)
    {
        forge.PauseAt(command, step);
        var accepted = await request();
        KilledWombat.AssertAccepted(accepted);
        await forge.ReachedAsync();
        await wombat.KillAsync();
        forge.Continue();
        await wombat.RestartAsync();
        var when = $"{command}, {step}";
        await wombat.SucceedsAsync(accepted, when);
        Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("running"), when);
        Assert.That(await Lxc.StateAsync(wombat.DataDirectory, name), Is.EqualTo("RUNNING"), when);
        var record = await File.ReadAllTextAsync(Path.Combine(wombat.DataDirectory, "lxc", ".forge", name + ".json"));
        Assert.That(JsonNode.Parse(record)!["pending"], Is.Null, when);
    }

    private async Task<string> InsideAsync(string script) => (await Lxc.InsideAsync(wombat.DataDirectory, name, script)).Output;
}
