using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Containers after a restart of their machine. That of the tests cannot restart; the record of forge says that it did.</summary>
[Category("Slow")]
public sealed class StartOnBootTests : InsideTestBase
{
    [Test]
    public async Task Container_ThatRanBefore_IsStartedAgain()
    {
        var (path, name) = await NewContainerAsync();
        await RestartMachineAsync(name);
        await Eventually.UntilAsync(
            async () => (await EventsAsync(path)).Any(e => (string)e!["action"]! == "container.start_requested"),
            "its start is requested",
            TimeSpan.FromMinutes(1)
        );
        await Eventually.UntilAsync(
            async () => (string)(await Client.GetAsync(path)).Body!["status"]! == "running",
            "it runs again",
            TimeSpan.FromMinutes(1)
        );
        Assert.That(await Lxc.StateAsync(Server.DataDirectory, name), Is.EqualTo("RUNNING"));
    }

    [Test]
    public async Task Container_ThatShallNotStart_StaysStopped()
    {
        var (path, name) = await NewContainerAsync();
        Assert.That((bool)(await Client.GetAsync(path)).Body!["start_on_boot"]!, Is.True);
        Assert.That((bool)(await Client.PatchAsync(path, """{"start_on_boot":false}""")).Body!["start_on_boot"]!, Is.False);
        Assert.That((bool)(await Client.PatchAsync(path, """{"expires_at":null}""")).Body!["start_on_boot"]!, Is.False);
        await RestartMachineAsync(name);
        var stopped = await Eventually.GetAsync(
            async () => (await Client.GetAsync(path)).Body!,
            c => (string)c["status"]! == "stopped",
            "its stop is observed",
            TimeSpan.FromMinutes(1)
        );
        Assert.That((string?)stopped["status_reason"], Is.EqualTo("Its machine was restarted."));
        Assert.That((await EventsAsync(path)).Select(e => (string)e!["action"]!), Does.Not.Contain("container.start_requested"));
    }

    [Test]
    public async Task Stop_ByRequest_IsNoInterruption()
    {
        var (path, name) = await NewContainerAsync();
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/stop")).Location!);
        var record = JsonNode.Parse(await File.ReadAllTextAsync(RecordFile(name)))!;
        Assert.That(record["boot"], Is.Null);
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/start")).Location!);
        record = JsonNode.Parse(await File.ReadAllTextAsync(RecordFile(name)))!;
        Assert.That((string?)record["boot"], Is.EqualTo((await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim()));
    }

    private async Task RestartMachineAsync(string name)
    {
        // A list between the two steps would find the container started or stopped without forge.
        await using var containerLock = await LockAsync(name);
        var record = JsonNode.Parse(await File.ReadAllTextAsync(RecordFile(name)))!;
        record["boot"] = "an earlier one";
        await File.WriteAllTextAsync(RecordFile(name), record.ToJsonString());
        await Lxc.RunAsync("lxc-stop", "-k", "-P", Path.Combine(Server.DataDirectory, "lxc"), "-n", name);
    }

    private async Task<FileStream> LockAsync(string name)
    {
        var file = Path.Combine(Server.DataDirectory, "lxc", ".locks", name);
        FileStream? held = null;
        await Eventually.UntilAsync(
            () =>
            {
                try
                {
                    held = PrivateFiles.OpenLock(file);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "no forge works on the container"
        );
        return held!;
    }

    private string RecordFile(string name) => Path.Combine(Server.DataDirectory, "lxc", ".forge", name + ".json");

    private async Task<JsonArray> EventsAsync(string path) => (await Client.GetAsync($"{path}/events?limit=100")).Body!["items"]!.AsArray();
}
