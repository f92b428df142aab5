using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Changes of the size of containers of this machine.</summary>
[Category("Slow")]
public sealed class LxcResizeTests
{
    private const string Killed = "137";
    private readonly TestFolder folder = new();
    private LxcForge forge = null!;

    [SetUp]
    public void NewForge() => forge = new LxcForge(Path.Combine(folder.Path, TestContext.CurrentContext.Test.ID));

    [TearDown]
    public Task DestroyContainers() => Lxc.DestroyAllAsync(forge.Data);

    [OneTimeTearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public async Task Resize_WhileRunning_LimitsHoldAtOnceAndAfterARestart()
    {
        await forge.CreateAsync("web", "busybox", "--cpu", "1", "--memory", "48");
        Assert.That(await AllocateAsync(80), Is.EqualTo(Killed));

        var resized = await forge.RunAsync("resize", "--id", "web", "--memory", "128", "--cpu", "2");
        Assert.That(((string)resized["status"]!, (string?)resized["note"]), Is.EqualTo(("running", (string?)null)));
        Assert.That(await LimitsAsync(), Is.EqualTo((128 << 20, 200_000)));
        Assert.That((await AllocateAsync(80), await AllocateAsync(200)), Is.EqualTo(("0", Killed)));

        // A value that is not given stays.
        await forge.RunAsync("resize", "--id", "web", "--cpu", "1");
        await forge.RunAsync("restart", "--id", "web");
        Assert.That(await LimitsAsync(), Is.EqualTo((128 << 20, 100_000)));
        await forge.RunAsync("resize", "--id", "web", "--memory", "48");
        Assert.That(await LimitsAsync(), Is.EqualTo((48 << 20, 100_000)));
        Assert.That(await AllocateAsync(80), Is.EqualTo(Killed));
    }

    [Test]
    public async Task Resize_BelowTheMemoryInUse_IsRefusedAndChangesNothing()
    {
        await forge.CreateAsync("web", "busybox", "--memory", "128");
        await forge.InsideAsync("web", "mkdir /m; mount -t tmpfs m /m 2>/dev/null; dd if=/dev/zero of=/dev/shm/x bs=1M count=64");
        var refused = await forge.TryAsync("resize", "--id", "web", "--memory", "24");
        Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((4, refused.ErrorTail)));
        Assert.That(refused.ErrorTail, Does.Contain("uses more memory"));
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(128 << 20));
        await forge.RunAsync("restart", "--id", "web");
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(128 << 20));
    }

    [Test]
    public async Task Resize_WhileStopped_AppliesAtTheNextStart()
    {
        await forge.CreateAsync("web", "busybox", "--disk", "1");
        await forge.RunAsync("stop", "--id", "web");
        Assert.That(
            (string)(await forge.RunAsync("resize", "--id", "web", "--memory", "64", "--disk", "2"))["status"]!,
            Is.EqualTo("stopped")
        );
        await forge.RunAsync("start", "--id", "web");
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo(64 << 20));
        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));
    }

    [Test]
    public async Task Disk_WhileRunning_GrowsOrIsRefusedWithTheReason()
    {
        await forge.CreateAsync("web", "busybox", "--disk", "1", "--memory", "64");
        await forge.InsideAsync("web", "echo kept >/kept");
        var grown = await forge.TryAsync("resize", "--id", "web", "--disk", "2", "--memory", "128");
        var mayGrow = (Convert.ToUInt64((await Lxc.RunAsync("grep", "CapEff", "/proc/self/status")).Output.Trim()[8..], 16) >> 24 & 1) == 1;
        Assert.That(grown.ExitCode, Is.EqualTo(mayGrow ? 0 : 4), grown.ErrorTail);
        Assert.That((await LimitsAsync()).Memory, Is.EqualTo((mayGrow ? 128 : 64) << 20), "nothing changes when a part is refused");
        Assert.That(await DiskMibAsync(), mayGrow ? Is.InRange(1800, 2048) : Is.InRange(900, 1024));
        if (!mayGrow)
        {
            Assert.That(grown.ErrorTail, Does.Contain("stop the container first"));
            await forge.RunAsync("stop", "--id", "web");
            await forge.RunAsync("resize", "--id", "web", "--disk", "2");
            await forge.RunAsync("start", "--id", "web");
        }

        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));
        Assert.That((await forge.InsideAsync("web", "cat /kept")).Output, Is.EqualTo("kept\n"));
    }

    [Test]
    public async Task Disk_WhenTheResizeWasCut_GrowsAtTheNext()
    {
        await forge.CreateAsync("web", "busybox", "--disk", "1");
        await forge.RunAsync("stop", "--id", "web");

        // The cut one has grown the file, but not the file system.
        using (var image = new FileStream(Path.Combine(forge.Folder("web"), "disk.img"), FileMode.Open))
        {
            image.SetLength(2L << 30);
        }

        await forge.RunAsync("resize", "--id", "web", "--disk", "2");
        await forge.RunAsync("start", "--id", "web");
        Assert.That(await DiskMibAsync(), Is.InRange(1800, 2048));

        var shrunk = await forge.TryAsync("resize", "--id", "web", "--disk", "1", "--memory", "64");
        Assert.That((shrunk.ExitCode, shrunk.ErrorTail), Is.EqualTo((2, "--disk: has 2 GiB and cannot shrink")));
        Assert.That((await LimitsAsync()).Memory, Is.Not.EqualTo(64 << 20), "nothing changes when a part is refused");
    }

    [Test]
    public async Task Disk_OfAContainerWithoutOne_IsRefused()
    {
        await forge.CreateAsync("web", "busybox");
        var refused = await forge.TryAsync("resize", "--id", "web", "--disk", "2");
        Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((2, refused.ErrorTail)));
        Assert.That(refused.ErrorTail, Does.StartWith("--disk: only a container that was created with a disk size"));
        Assert.That((await forge.TryAsync("resize", "--id", "web", "--key", "another", "--cpu", "1")).ExitCode, Is.EqualTo(3));
    }

    // dd allocates one block and writes all of it.
    private async Task<string> AllocateAsync(int mib) =>
        (await forge.InsideAsync("web", $"dd if=/dev/zero of=/dev/null bs={mib}M count=1 2>/dev/null; echo $?")).Output.Trim();

    private async Task<int> DiskMibAsync() => int.Parse((await forge.InsideAsync("web", "df -m / | awk 'END{print $2}'")).Output.Trim());

    private async Task<(long Memory, long Cpu)> LimitsAsync() =>
        (await ReadAsync("memory.limit_in_bytes", "memory.max"), await ReadAsync("cpu.cfs_quota_us", "cpu.max"));

    // From the cgroup of its first process, since the limits are those of the kernel, not of forge.
    private async Task<long> ReadAsync(string first, string second)
    {
        foreach (var file in new[] { first, second })
        {
            var read = await Lxc.RunAsync("lxc-cgroup", "-P", forge.Folder(""), "-n", "web", file);
            if (read.ExitCode == 0)
            {
                return long.TryParse(read.Output.Trim().Split(' ')[0], out var value) ? value : -1;
            }
        }

        return -1;
    }
}
