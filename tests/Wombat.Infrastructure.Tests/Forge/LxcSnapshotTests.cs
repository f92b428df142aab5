using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Snapshots of containers of this machine.</summary>
[Category("Slow")]
public sealed class LxcSnapshotTests : LxcForgeTestBase
{
    protected override (string Name, string Value)[] Settings => [("FORGE_LXC_SNAPSHOTS", "2")];

    [TestCase(null)]
    [TestCase("1")]
    public async Task Restore_OfABrokenContainer_BringsItBack(string? disk)
    {
        await Forge.CreateAsync("web", "busybox", disk is null ? [] : ["--disk", disk]);
        await Forge.InsideAsync(
            "web",
            "echo good > /data; mkdir /full; i=0; while [ $i -lt 500 ]; do echo $i > /full/$i; i=$((i+1)); done"
        );
        var made = await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        Assert.That((long)made["bytes"]!, Is.GreaterThan(1024 * 1024));
        Assert.That(await StateAsync(), Is.EqualTo("RUNNING"), "it is not frozen afterwards");

        await Forge.InsideAsync("web", "echo bad > /data; touch /later; rm -rf /bin /sbin /etc /full");
        var from = TimeProvider.System.GetTimestamp();
        var restored = await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");
        TestContext.Out.WriteLine($"restored in {TimeProvider.System.GetElapsedTime(from).TotalSeconds:F2} s");

        Assert.That((string)restored["status"]!, Is.EqualTo("running"));
        Assert.That((await Forge.InsideAsync("web", "cat /data; ls /full | wc -l; ls /later")).Output, Is.EqualTo("good\n500\n"));
        Assert.That(Leftovers(), Is.Empty);
        Assert.That(Record()["pending"], Is.Null);

        // The snapshot stays, and can be restored again.
        await Forge.InsideAsync("web", "rm /data");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");
        Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("good\n"));
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Rebuild_OfABrokenContainer_KeepsAllButItsFiles(string? disk)
    {
        string[] size = disk is null ? ["--memory", "64"] : ["--memory", "64", "--disk", disk];
        var created = await Forge.CreateAsync("web", "busybox", size);
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.InsideAsync("web", "echo bad > /data; rm -rf /bin /sbin /etc");
        var rebuilt = await Forge.RunAsync("rebuild", "--id", "web", "--request", "first");
        Assert.That((string)rebuilt["status"]!, Is.EqualTo("running"));
        Assert.That(rebuilt["note"], Is.Null);
        Assert.That((string?)rebuilt["ip"], Is.EqualTo((string?)created["ip"]));
        Assert.That((await Forge.InsideAsync("web", "ls /data; cat /etc/hostname")).Output, Is.EqualTo("web\n"));
        Assert.That(await Lxc.ReadCgroupAsync(Forge.Data, "web", "memory.limit_in_bytes", "memory.max"), Is.EqualTo(64L << 20));
        Assert.That(Leftovers(), Is.Empty);
        if (disk is not null)
        {
            var mib = (await Forge.InsideAsync("web", "df -m / | tail -n 1 | awk '{print $2}'")).Output;
            Assert.That(int.Parse(mib, CultureInfo.InvariantCulture), Is.InRange(900, 1024));
        }

        await Forge.InsideAsync("web", "echo kept > /data");
        await Forge.RunAsync("rebuild", "--id", "web", "--request", "first");
        Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("kept\n"), "a repeated request does nothing");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");
        Assert.That((await Forge.InsideAsync("web", "ls /data")).ExitCode, Is.Not.Zero);

        await Forge.RunAsync("stop", "--id", "web");
        Assert.That((string)(await Forge.RunAsync("rebuild", "--id", "web"))["status"]!, Is.EqualTo("stopped"));
        Assert.That((string)(await Forge.RunAsync("start", "--id", "web"))["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Restore_OfAStoppedContainer_LeavesItStopped()
    {
        await Forge.CreateAsync("web", "busybox");
        await Forge.InsideAsync("web", "echo good > /data; sync");
        await Forge.RunAsync("stop", "--id", "web");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await File.WriteAllTextAsync(Path.Combine(Forge.Folder("web"), "rootfs", "data"), "bad\n");
        var restored = await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");
        Assert.That((string)restored["status"]!, Is.EqualTo("stopped"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Forge.Folder("web"), "rootfs", "data")), Is.EqualTo("good\n"));
        Assert.That((string)(await Forge.RunAsync("start", "--id", "web"))["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Restore_AfterTheDiskHasGrown_KeepsItsSize()
    {
        await Forge.CreateAsync("web", "busybox", "--disk", "1");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.RunAsync("stop", "--id", "web");
        await Forge.RunAsync("resize", "--id", "web", "--disk", "2");
        await Forge.RunAsync("start", "--id", "web");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");
        var size = (await Forge.InsideAsync("web", "df -m / | tail -n 1 | awk '{print $2}'")).Output;
        Assert.That(int.Parse(size, CultureInfo.InvariantCulture), Is.InRange(1900, 2048));
    }

    [Test]
    public async Task Snapshot_OfAnyFiles_KeepsOwnersModesLinksAndHoles()
    {
        await Forge.CreateAsync("web", "busybox");
        await Forge.InsideAsync(
            "web",
            "cd /root; echo x > one; ln one two; ln -s /nowhere link; cp /bin/busybox setuid; chown 1000:1001 setuid; chmod 6755 setuid; "
                + "mkfifo pipe; dd if=/dev/zero of=holes bs=1 count=1 seek=50M; touch -t 200001020304 old; mkdir -m 1777 sticky; sync"
        );
        var root = Path.Combine(Forge.Folder("web"), "rootfs", "root");
        var setfacl = await PythonAsync($"import os; os.setxattr('{root}/one', 'user.note', b'kept')");
        Assert.That(setfacl.ExitCode, Is.Zero, setfacl.ErrorTail);
        var before = await FilesAsync(root);
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.InsideAsync("web", "rm -rf /root/*");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before");

        Assert.That(await FilesAsync(root), Is.EqualTo(before));
        Assert.That(before.Split('\n'), Has.Length.AtLeast(9));
        var info = (await Lxc.RunAsync("stat", "-c", "%h %b", Path.Combine(root, "one"), Path.Combine(root, "holes"))).Output.Split('\n');
        Assert.That(info[0], Does.StartWith("2 "), "hard links stay links");
        Assert.That(int.Parse(info[1].Split(' ')[1], CultureInfo.InvariantCulture), Is.LessThan(1000), "holes stay holes");
        Assert.That((await PythonAsync($"import os; print(os.getxattr('{root}/one', 'user.note'))")).Output, Is.EqualTo("b'kept'\n"));
    }

    [Test]
    public async Task Snapshots_AreListedBoundedAndDeleted()
    {
        await Forge.CreateAsync("web", "busybox", "--key", "k");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--key", "k", "--snapshot", "b", "--request", "r1");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "a", "--expires", "2030-01-02T03:04:05Z");
        var list = (await Forge.RunAsync("snapshot", "list", "--id", "web")).AsArray();
        Assert.That(list.Select(s => (string)s!["name"]!), Is.EqualTo(new[] { "b", "a" }), "the oldest first");
        Assert.That((string?)list[0]!["expires_at"], Is.Null);
        Assert.That((string?)list[1]!["expires_at"], Does.StartWith("2030-01-02T03:04:05"));

        var again = await Forge.TryAsync("snapshot", "create", "--id", "web", "--snapshot", "b", "--request", "r2");
        Assert.That((again.ExitCode, again.ErrorTail), Is.EqualTo((4, "web already has a snapshot b")));
        Assert.That(
            (string)(await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "b", "--request", "r1"))["name"]!,
            Is.EqualTo("b")
        );
        var third = await Forge.TryAsync("snapshot", "create", "--id", "web", "--snapshot", "c");
        Assert.That((third.ExitCode, third.ErrorTail), Is.EqualTo((5, "web has 2 snapshots, which is the most; delete one first")));

        await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", "b");
        await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", "b");
        Assert.That((await Forge.RunAsync("snapshot", "list", "--id", "web")).AsArray(), Has.Count.EqualTo(1));
        Assert.That(Leftovers(), Is.Empty);
        var missing = await Forge.TryAsync("snapshot", "restore", "--id", "web", "--snapshot", "b");
        Assert.That((missing.ExitCode, missing.ErrorTail), Is.EqualTo((3, "web has no snapshot b")));
        var other = await Forge.TryAsync("snapshot", "list", "--id", "web", "--key", "other");
        Assert.That(other.ExitCode, Is.EqualTo(3));
        await Forge.RunAsync("delete", "--id", "web");
        Assert.That(Directory.Exists(Forge.Folder("web")), Is.False);
    }

    [TestCase("../x")]
    [TestCase(".hidden")]
    [TestCase("A")]
    [TestCase("a/b")]
    [TestCase("a-")]
    [TestCase("")]
    public async Task Snapshot_WithAHostileName_IsRefused(string name)
    {
        var refused = await Forge.TryAsync("snapshot", "create", "--id", "web", "--snapshot", name);
        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ErrorTail);
    }

    [Test]
    public async Task Restore_RepeatedWithItsRequest_DoesNothingAgain()
    {
        await Forge.CreateAsync("web", "busybox");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before", "--request", "r1");
        await Forge.InsideAsync("web", "touch /after");
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before", "--request", "r1");
        Assert.That((await Forge.InsideAsync("web", "ls /after")).Output, Is.EqualTo("/after\n"));
        await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", "before", "--request", "r2");
        Assert.That((await Forge.InsideAsync("web", "ls /after")).ExitCode, Is.Not.Zero);
    }

    [Test]
    public async Task Snapshots_CannotBeReachedByOthers()
    {
        await Forge.CreateAsync("web", "busybox");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        var all = Path.Combine(Forge.Folder("web"), "snapshots");
        Assert.That(File.GetUnixFileMode(all), Is.EqualTo(PrivateFiles.FolderMode));
        Assert.That((await Lxc.RunAsync("stat", "-c", "%u", all)).Output, Is.EqualTo("0\n"));
        Assert.That(File.GetUnixFileMode(Path.Combine(all, "before")), Is.EqualTo(PrivateFiles.FolderMode));
    }

    private static Task<ChildResult> PythonAsync(string script) => Lxc.RunAsync("env", "python3", "-c", script);

    private static async Task<string> FilesAsync(string root) =>
        string.Join(
            '\n',
            (await Lxc.RunAsync("find", root, "-mindepth", "1", "-printf", "%P %y %m %U:%G %n %l %T@ %s\n"))
                .Output.Split('\n')
                .Order(StringComparer.Ordinal)
        );

    private string[] Leftovers() => Directory.GetDirectories(Path.Combine(Forge.Folder("web"), "snapshots"), ".*");

    private JsonNode Record() => JsonNode.Parse(File.ReadAllText(Path.Combine(Forge.Folder(".forge"), "web.json")))!;
}
