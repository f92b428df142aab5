using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Changes of the size of containers of this machine.</summary>
[Category("Slow")]
public sealed class LxcResizeTests : LxcForgeTestBase
{
    private const string Killed = "137";

    [Test]
    public async Task Resize_WhileRunning_LimitsHoldAtOnceAndAfterARestart()
    {
        await Forge.CreateAsync("web", "busybox", "--cpu", "1", "--memory", "48");
        Assert.That(await AllocateAsync(80), Is.EqualTo(Killed));

        var resized = await Forge.RunAsync("resize", "--id", "web", "--memory", "128", "--cpu", "2");
        Assert.That(((string)resized["status"]!, (string?)resized["note"]), Is.EqualTo(("running", (string?)null)));
        Assert.That(await LimitsAsync(), Is.EqualTo((128 << 20, 200_000)));
        Assert.That((await AllocateAsync(80), await AllocateAsync(200)), Is.EqualTo(("0", Killed)));

        // A value that is not given stays.
        await Forge.RunAsync("resize", "--id", "web", "--cpu", "1");
        await Forge.RunAsync("restart", "--id", "web");
        Assert.That(await LimitsAsync(), Is.EqualTo((128 << 20, 100_000)));
        await Forge.RunAsync("resize", "--id", "web", "--memory", "48");
        Assert.That(await LimitsAsync(), Is.EqualTo((48 << 20, 100_000)));
        Assert.That(await AllocateAsync(80), Is.EqualTo(Killed));
    }

    [Test]
    public async Task Resize_BelowTheMemoryInUse_IsRefusedAndChangesNothing()
    {
        await Forge.CreateAsync("web", "busybox", "--memory", "128");
        await Forge.InsideAsync("web", "mkdir /m; mount -t tmpfs m /m 2>/dev/null; dd if=/dev/zero of=/dev/shm/x bs=1M count=64");
        var refused = await Forge.TryAsync("resize", "--id", "web", "--memory", "24");
        Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((4, refused.ErrorTail)));
        Assert.That(refused.ErrorTail, Does.Contain("uses more memory"));
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(128 << 20));
        await Forge.RunAsync("restart", "--id", "web");
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(128 << 20));
    }

    [Test]
    public async Task Resize_WhileStopped_AppliesAtTheNextStart()
    {
        await Forge.CreateAsync("web", "busybox", "--disk", "1");
        await Forge.RunAsync("stop", "--id", "web");
        Assert.That(
            (string)(await Forge.RunAsync("resize", "--id", "web", "--memory", "64", "--disk", "2"))["status"]!,
            Is.EqualTo("stopped")
        );
        await Forge.RunAsync("start", "--id", "web");
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(64 << 20));
        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));
    }

    [Test]
    public async Task Disk_WhileRunning_GrowsOrIsRefusedWithTheReason()
    {
        await Forge.CreateAsync("web", "busybox", "--disk", "1", "--memory", "64");
        await Forge.InsideAsync("web", "echo kept >/kept");
        var grown = await Forge.TryAsync("resize", "--id", "web", "--disk", "2", "--memory", "128");
        var mayGrow = (Convert.ToUInt64((await Lxc.RunAsync("grep", "CapEff", "/proc/self/status")).Output.Trim()[8..], 16) >> 24 & 1) == 1;
        Assert.That(grown.ExitCode, Is.EqualTo(mayGrow ? 0 : 4), grown.ErrorTail);
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo((mayGrow ? 128 : 64) << 20), "nothing changes when a part is refused");
        Assert.That(await DiskMibAsync(), mayGrow ? Is.InRange(1800, 2048) : Is.InRange(900, 1024));
        if (!mayGrow)
        {
            Assert.That(grown.ErrorTail, Does.Contain("stop the container first"));
            await Forge.RunAsync("stop", "--id", "web");
            await Forge.RunAsync("resize", "--id", "web", "--disk", "2");
            await Forge.RunAsync("start", "--id", "web");
        }

        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));
        Assert.That((await Forge.InsideAsync("web", "cat /kept")).Output, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Disk_WhenTheResizeWasCut_GrowsAtTheNext()
    {
        await Forge.CreateAsync("web", "busybox", "--disk", "1");
        await Forge.RunAsync("stop", "--id", "web");

        // The cut one has grown the file, but not the file system.
        using (var image = new FileStream(Path.Combine(Forge.Folder("web"), "disk.img"), FileMode.Open))
        {
            image.SetLength(2L << 30);
        }

        await Forge.RunAsync("resize", "--id", "web", "--disk", "2");
        await Forge.RunAsync("start", "--id", "web");
        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));

        var shrunk = await Forge.TryAsync("resize", "--id", "web", "--disk", "1", "--memory", "64");
        Assert.That((shrunk.ExitCode, shrunk.ErrorTail), Is.EqualTo((2, "--disk: has 2 GiB and cannot shrink")));
        Assert.That((await LimitsAsync()).Memory, Is.Not.EqualTo(64 << 20), "nothing changes when a part is refused");
    }

    [Test]
    public async Task Disk_OfAContainerWithoutOne_IsRefused()
    {
        await Forge.CreateAsync("web", "busybox");
        var refused = await Forge.TryAsync("resize", "--id", "web", "--disk", "2");
        Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((2, refused.ErrorTail)));
        Assert.That(refused.ErrorTail, Does.StartWith("--disk: only a container that was created with a disk size"));
        Assert.That((await Forge.TryAsync("resize", "--id", "web", "--key", "another", "--cpu", "1")).ExitCode, Is.EqualTo(3));
    }

    // dd allocates one block and writes all of it.
    private async Task<string> AllocateAsync(int mib) =>
        (await Forge.InsideAsync("web", $"dd if=/dev/zero of=/dev/null bs={mib}M count=1 2>/dev/null; echo $?")).Output.Trim();

    private async Task<int> DiskMibAsync() => int.Parse((await Forge.InsideAsync("web", "df -m / | awk 'END{print $2}'")).Output.Trim());

    private async Task<(long Memory, long Cpu)> LimitsAsync() =>
        (await ReadAsync("memory.limit_in_bytes", "memory.max"), await ReadAsync("cpu.cfs_quota_us", "cpu.max"));

    private Task<long> ReadAsync(string first, string second) => Lxc.ReadCgroupAsync(Forge.Data, "web", first, second);
}
