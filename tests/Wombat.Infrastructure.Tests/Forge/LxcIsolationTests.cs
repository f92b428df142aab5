using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>What root of a container can do to this machine and to other containers.</summary>
[Category("Slow")]
public sealed class LxcIsolationTests
{
    private const string First = "first";
    private const string Second = "second";
    private readonly TestFolder folder = new();
    private LxcForge forge = null!;

    [OneTimeSetUp]
    public async Task CreateContainers()
    {
        forge = new LxcForge(folder.Path, ("FORGE_LXC_PROCESSES", "100"));
        foreach (var name in new[] { First, Second })
        {
            var created = await forge.CreateAsync(name, "busybox", "--memory", "64", "--cpu", "1");
            Assert.That((string?)created["note"], Is.Null, "every limit was applied");
        }
    }

    [OneTimeTearDown]
    public async Task DestroyContainers()
    {
        await Lxc.DestroyAllAsync(folder.Path);
        folder.Dispose();
    }

    [Test]
    public async Task Root_OfTwoContainers_HasIdsOfItsOwnOnThisMachine()
    {
        var ids = new[] { await forge.RootIdAsync(First), await forge.RootIdAsync(Second) };
        Assert.That(ids, Is.All.GreaterThanOrEqualTo(1879048192u).And.All.LessThan(2147352576u));
        Assert.That(Math.Abs((long)ids[0] - ids[1]), Is.GreaterThanOrEqualTo(65536));
        Assert.That((await forge.InsideAsync(First, "id -u")).Output.Trim(), Is.EqualTo("0"));
    }

    [Test]
    public async Task SetuidFile_MadeInside_IsOfNoUseToOtherAccounts()
    {
        // The control: the same file in an open folder gives its owner's id to another account.
        var root = await forge.RootIdAsync(First);
        var open = Path.Combine(folder.Path, "id");
        await Lxc.RunAsync("install", "-m", "4755", "-o", $"{root}", "-g", $"{root}", "/usr/bin/id", open);
        Assert.That((await AsAsync(65534, open)).Output, Does.Contain($"euid={root}"));

        await using var program = File.OpenRead("/usr/bin/id");
        var made = new ChildCommand(
            "/usr/bin/lxc-attach",
            ["-P", forge.Folder(""), "-n", First, "--", "/bin/sh", "-c", "cat >/id; chmod 4755 /id; chmod 777 /; ls -l /id"],
            TimeSpan.FromSeconds(30)
        )
        {
            Input = program,
        };
        Assert.That((await ChildProcess.RunAsync(made, CancellationToken.None)).Output, Does.StartWith("-rwsr-xr-x"));
        var inside = Path.Combine(forge.Folder(First), "rootfs", "id");
        Assert.That(File.Exists(inside), Is.True);
        foreach (var user in new[] { 65534u, 1000u, await forge.RootIdAsync(Second) })
        {
            var tried = await AsAsync(user, inside);
            Assert.That((tried.ExitCode, tried.Output), Is.EqualTo((13, "")), $"{user} runs a program of the container: {tried.ErrorTail}");
        }
    }

    [TestCase("unshare -U true", "not permitted")]
    [TestCase("unshare -m -U true", "not permitted")]
    [TestCase("mknod /tmp/disk b 7 0", "not permitted")]
    [TestCase("dmesg", "not permitted")]
    [TestCase("echo 1 > /proc/sys/kernel/panic", "Read-only")]
    [TestCase("mount -t proc proc /mnt && echo 1 > /mnt/sys/kernel/panic", "ermi")]
    [TestCase("date -s 2001-01-01; date +%Y | grep -q 2001", "not permitted")]
    public async Task Inside_WhatChangesThisMachine_IsRefused(string script, string message)
    {
        var result = await forge.InsideAsync(First, script);
        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.ErrorTail, Does.Contain(message));
    }

    [Test]
    public async Task Memory_BeyondTheLimit_KillsTheProgramAndNotTheContainer()
    {
        var within = await forge.InsideAsync(First, "dd if=/dev/zero of=/dev/null bs=20M count=1");
        Assert.That(within.ExitCode, Is.Zero, within.ErrorTail);
        Assert.That((await forge.InsideAsync(First, "dd if=/dev/zero of=/dev/null bs=200M count=1")).ExitCode, Is.EqualTo(137));
        Assert.That((string)(await forge.RunAsync("status", "--id", First))["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Processes_WithoutEnd_AreLimited()
    {
        var bomb = await forge.InsideAsync(Second, "i=0; while [ $i -lt 1000 ]; do setsid sleep 600 & i=$((i+1)); done");
        Assert.That(bomb.ErrorTail, Does.Contain("can't fork"));
        var key = await Lxc.RunAsync("lxc-cgroup", "-P", forge.Folder(""), "-n", Second, "pids.current");
        Assert.That(int.Parse(key.Output.Trim()), Is.InRange(90, 100));
        Assert.That((await Lxc.RunAsync("true")).ExitCode, Is.Zero);

        await forge.RunAsync("restart", "--id", Second);
        Assert.That((await forge.InsideAsync(Second, "echo alive")).Output, Is.EqualTo("alive\n"));
    }

    [Test]
    public async Task Folder_OfAContainer_IsClosed()
    {
        var config = Path.Combine(forge.Folder(First), "config");
        Assert.That(File.GetUnixFileMode(config), Is.EqualTo(PrivateFiles.FileMode));
        var seen = (await Lxc.RunAsync("stat", "-c", "%u %g %a", forge.Folder(First))).Output.Trim();
        Assert.That(seen, Is.EqualTo($"0 {await forge.RootIdAsync(First)} 710"));
    }

    // All ids are set by the program itself: other ways keep capabilities of root.
    private static Task<ChildResult> AsAsync(uint user, string program)
    {
        const string Drop =
            "use POSIX; my ($id, $program) = @ARGV; $( = $id; $) = \"$id $id\"; POSIX::setuid($id); "
            + "die 'still root' if $< == 0 || $> == 0; exec { $program } $program; exit($! + 0);";
        return ChildProcess.RunAsync(
            new ChildCommand("/usr/bin/perl", ["-e", Drop, $"{user}", program], TimeSpan.FromSeconds(30)) { WorkingDirectory = "/" },
            CancellationToken.None
        );
    }
}
