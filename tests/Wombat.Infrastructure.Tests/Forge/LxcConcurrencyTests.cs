using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Several forge processes at once on one data folder, with real containers and networks.</summary>
[Category("Slow")]
public sealed class LxcConcurrencyTests
{
    private LxcNetworkBed bed = null!;

    [SetUp]
    public void Start() => bed = new LxcNetworkBed();

    [TearDown]
    public async Task Stop() => await bed.DisposeAsync();

    [Test]
    public async Task List_DuringACreation_TakesNoAddressAway()
    {
        var folder = Path.Combine(bed.Path, "lxc");
        await bed.CreateAsync("old", "demo", "old");

        // A list asks each container's monitor, so it waits while one does not answer.
        var monitor = (await FindProcessesAsync($"^\\[lxc monitor\\] {folder} old")).Single();
        await SignalAsync("STOP", monitor);
        Task<JsonNode> list;
        JsonNode created;
        try
        {
            list = bed.ForgeAsync("list");
            await Eventually.UntilAsync(
                async () => (await FindProcessesAsync($"lxc-ls -P {folder} --running")).Length > 0,
                "the list has read the records and waits"
            );
            created = await bed.CreateAsync("new", "demo", "new");
        }
        finally
        {
            await SignalAsync("CONT", monitor);
        }

        await list;
        var next = await bed.CreateAsync("next", "demo", "next");
        Assert.That((string?)next["ip"], Is.Not.Null.And.Not.EqualTo((string?)created["ip"]));
        Assert.That((string?)(await bed.ForgeAsync("status", "--id", "new"))["ip"], Is.EqualTo((string?)created["ip"]));
    }

    private static async Task<string[]> FindProcessesAsync(string pattern) =>
        (await Lxc.RunAsync("pgrep", "-f", pattern)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Task<ChildResult> SignalAsync(string signal, string process) => Lxc.RunAsync("kill", "-s", signal, process);

    [Test]
    public async Task Start_WhenItsInterfaceIsTaken_NamesTheCause()
    {
        var config = Path.Combine(bed.Path, "lxc", "web", "config");
        await bed.ForgeAsync(
            "create",
            "--name",
            "web",
            "--template",
            "busybox",
            "--network",
            "demo",
            "--hostname",
            "web",
            "--memory",
            "64"
        );
        await bed.ForgeAsync("stop", "--id", "web");
        var before = await File.ReadAllTextAsync(config);
        var port = await bed.PortAsync("web");
        await LxcNetworkBed.RunAsync("ip", "link", "add", port, "type", "veth", "peer", "name", "wtest0");
        try
        {
            var refused = await bed.TryForgeAsync("start", "--id", "web");
            Assert.That(refused.ExitCode, Is.Not.Zero);
            Assert.That(refused.ErrorTail, Does.Contain("cannot start web: ").And.Contain(port));
        }
        finally
        {
            await LxcNetworkBed.RunAsync("ip", "link", "delete", port);
        }

        await bed.ForgeAsync("start", "--id", "web");
        Assert.That(await File.ReadAllTextAsync(config), Is.EqualTo(before));
    }
}
