using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Snapshots and restores whose forge is killed, and on a full disk.</summary>
[Category("Slow")]
public sealed class LxcSnapshotFaultTests : LxcForgeTestBase
{
    private const int Rounds = 8;

    [TestCase(null)]
    [TestCase("1")]
    public async Task Restore_WhoseForgeIsKilledAtAnyTime_LeavesTheOldOrTheRestoredState(string? disk)
    {
        await CreateAsync(disk, "echo good > /data; dd if=/dev/urandom of=/big bs=1M count=40 2>/dev/null; sync");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        var step = await Forge.MeasureAsync("snapshot", "restore", "--id", "web", "--snapshot", "before") / Rounds;
        var restored = 0;
        for (var i = 0; i < Rounds; i++)
        {
            await Forge.InsideAsync("web", "echo bad > /data; sync");
            string[] restore = ["snapshot", "restore", "--id", "web", "--snapshot", "before", "--request", $"r{i}"];
            await Forge.KillAfterAsync((i + 1) * step, restore);

            Assert.That((string)(await Forge.RunAsync("list"))[0]!["status"]!, Is.EqualTo("running"), $"round {i}");
            Assert.That(await StateAsync(), Is.EqualTo("RUNNING"), $"round {i}");
            Assert.That(Record()["pending"], Is.Null);
            var data = (await Forge.InsideAsync("web", "cat /data; wc -c < /big")).Output;
            Assert.That(data, Is.EqualTo("good\n41943040\n").Or.EqualTo("bad\n41943040\n"), $"round {i}");
            restored += data.StartsWith("good", StringComparison.Ordinal) ? 1 : 0;

            await Forge.RunAsync(restore);
            Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("good\n"), $"round {i}");
        }

        TestContext.Out.WriteLine($"{restored} of {Rounds} restores were complete after the kill and the next call");
        await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", "none");
        Assert.That(Folders(), Is.EqualTo(new[] { "before" }));
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Rebuild_WhoseForgeIsKilledAtAnyTime_LeavesTheOldOrANewRoot(string? disk)
    {
        await CreateAsync(disk, "echo mine > /data; sync");
        var step = await Forge.MeasureAsync("rebuild", "--id", "web") / Rounds;
        var rebuilt = 0;
        for (var i = 0; i < Rounds; i++)
        {
            await Forge.InsideAsync("web", "echo mine > /data; sync");
            string[] rebuild = ["rebuild", "--id", "web", "--request", $"r{i}"];
            await Forge.KillAfterAsync((i + 1) * step, rebuild);

            Assert.That((string)(await Forge.RunAsync("list"))[0]!["status"]!, Is.EqualTo("running"), $"round {i}");
            Assert.That(await StateAsync(), Is.EqualTo("RUNNING"), $"round {i}");
            Assert.That(Record()["pending"], Is.Null);
            rebuilt += (await Forge.InsideAsync("web", "cat /data")).Output == "mine\n" ? 0 : 1;

            await Forge.RunAsync(rebuild);
            Assert.That((await Forge.InsideAsync("web", "ls /data /bin/busybox")).Output, Is.EqualTo("/bin/busybox\n"), $"round {i}");
        }

        TestContext.Out.WriteLine($"{rebuilt} of {Rounds} rebuilds were complete after the kill and the next call");
        await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", "none");
        Assert.That(Folders(), Is.Empty);
        Assert.That(Directory.GetDirectories(Forge.Folder("web"), ".*"), Is.Empty);
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Snapshot_WhoseForgeIsKilledAtAnyTime_IsCompleteOrAbsent(string? disk)
    {
        await CreateAsync(disk, "echo good > /data; dd if=/dev/urandom of=/big bs=1M count=40 2>/dev/null; sync");
        var step = await Forge.MeasureAsync("snapshot", "create", "--id", "web", "--snapshot", "first") / Rounds;
        await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", "first");
        for (var i = 0; i < Rounds; i++)
        {
            string[] create = ["snapshot", "create", "--id", "web", "--snapshot", $"s{i}", "--request", $"r{i}"];
            await Forge.KillAfterAsync((i + 1) * step, create);

            await Forge.RunAsync("list");
            Assert.That(await StateAsync(), Is.EqualTo("RUNNING"), $"round {i}: it is not frozen");
            Assert.That(Record()["pending"], Is.Null);
            var written = await Forge.InsideAsync("web", $"echo {i} > /written && cat /written");
            Assert.That(written.Output, Is.EqualTo($"{i}\n"), $"round {i}: its disk is not halted");

            await Forge.RunAsync(create);
            await Forge.InsideAsync("web", "rm /data /big");
            await Forge.RunAsync("snapshot", "restore", "--id", "web", "--snapshot", $"s{i}");
            Assert.That((await Forge.InsideAsync("web", "cat /data; wc -c < /big")).Output, Is.EqualTo("good\n41943040\n"));
            await Forge.RunAsync("snapshot", "delete", "--id", "web", "--snapshot", $"s{i}");
        }

        Assert.That(Folders(), Is.Empty);
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Clone_WhoseForgeIsKilledAtAnyTime_IsMadeByTheNextCall(string? disk)
    {
        await CreateAsync(disk, "echo good > /data; dd if=/dev/urandom of=/big bs=1M count=40 2>/dev/null; sync");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        var devices = (await Forge.DevicesAsync()).Length;
        string[] Clone(string name) =>
            [
                "create",
                "--template",
                "busybox",
                "--key",
                name,
                .. disk is null ? Array.Empty<string>() : ["--disk", disk],
                "--from",
                "web",
                "--snapshot",
                "before",
                "--name",
                name,
            ];
        var step = await Forge.MeasureAsync(Clone("measured")) / Rounds;
        await Forge.RunAsync("delete", "--id", "measured");
        for (var i = 0; i < Rounds; i++)
        {
            var clone = Clone($"copy{i}");
            await Forge.KillAfterAsync((i + 1) * step, clone);
            Assert.That((string)(await Forge.RunAsync(clone))["status"]!, Is.EqualTo("running"), $"round {i}");
            var data = (await Forge.InsideAsync($"copy{i}", "cat /data; wc -c < /big")).Output;
            Assert.That(data, Is.EqualTo("good\n41943040\n"), $"round {i}");
            await Forge.RunAsync("delete", "--id", $"copy{i}");
        }

        Assert.That(Folders(), Is.EqualTo(new[] { "before" }));
        Assert.That(await Forge.DevicesAsync(), Has.Length.EqualTo(devices));
    }

    [Test]
    public async Task Clone_OnAFullDisk_NamesIt()
    {
        await OnFileSystemAsync(
            "size=450m",
            async () =>
            {
                await CreateAsync(null, "dd if=/dev/urandom of=/big bs=1M count=70 2>/dev/null");
                await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
                string[] clone = ["create", "--name", "copy", "--template", "busybox", "--key", "k", "--from", "web", "--snapshot", "s"];
                var full = await Forge.TryAsync(clone);
                Assert.That(full.ExitCode, Is.EqualTo(5), full.ErrorTail);
                Assert.That(full.ErrorTail, Does.Contain("not enough disk space"));
                await Forge.InsideAsync("web", "rm /big");
                Assert.That((string)(await Forge.RunAsync(clone))["status"]!, Is.EqualTo("running"));
            }
        );
    }

    [TestCase("list")]
    [TestCase("start", "--id", "web")]
    [TestCase("restart", "--id", "web")]
    [TestCase("snapshot", "delete", "--id", "web", "--snapshot", "none")]
    public async Task Restore_CutShortBetweenTheRenames_IsCompletedByTheNextCall(params string[] next)
    {
        await CreateAsync(null, "echo good > /data");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.InsideAsync("web", "echo bad > /data");
        await Lxc.RunAsync("lxc-stop", "-P", Forge.Folder(""), "-n", "web", "-k");
        var all = Path.Combine(Forge.Folder("web"), "snapshots");
        await Lxc.RunAsync("cp", "-a", Path.Combine(all, "before"), Path.Combine(all, ".copy-new"));
        Directory.CreateDirectory(Path.Combine(all, ".copy-old"));
        Directory.Move(Path.Combine(Forge.Folder("web"), "rootfs"), Path.Combine(all, ".copy-old", "rootfs"));
        await PendAsync(""" {"copy":".copy-new","request":"r1","complete":true,"running":true} """);

        await Forge.RunAsync(next);
        Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("good\n"));
        Assert.That((string?)Record()["restored"], Is.EqualTo("r1"));
        Assert.That(Folders(), Is.EqualTo(new[] { "before" }));
    }

    [TestCase(null)]
    [TestCase("1")]
    public async Task Container_LeftFrozen_CanBeDeleted(string? disk)
    {
        await CreateAsync(disk, "true");
        await PendAsync(""" {"copy":".copy-new","request":null,"complete":false,"running":true} """);
        await Lxc.RunAsync("lxc-freeze", "-P", Forge.Folder(""), "-n", "web");
        if (disk is not null)
        {
            await Lxc.RunAsync("../sbin/fsfreeze", "-f", Path.Combine(Forge.Folder("web"), "rootfs"));
        }

        Assert.That(await StateAsync(), Is.EqualTo("FROZEN"));
        await Forge.RunAsync("delete", "--id", "web");
        Assert.That(Directory.Exists(Forge.Folder("web")), Is.False);
        Assert.That(await Forge.DevicesAsync(), Is.Empty);
    }

    // The first is refused before the copy, the second runs out of inodes while it copies.
    [TestCase("size=330m", "dd if=/dev/urandom of=/big bs=1M count=60 2>/dev/null", "rm /big", "MiB that stay free are needed")]
    [TestCase(
        "size=1g,nr_inodes=6000",
        "mkdir /many; i=0; while [ $i -lt 3500 ]; do : > /many/$i; i=$((i+1)); done",
        "rm -rf /many",
        "the disk is full"
    )]
    public async Task Snapshot_OnAFullDisk_NamesItAndLeavesNothing(string options, string fill, string free, string reason)
    {
        await OnFileSystemAsync(
            options,
            async () =>
            {
                await CreateAsync(null, fill);
                var full = await Forge.TryAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
                Assert.That(full.ExitCode, Is.EqualTo(5), full.ErrorTail);
                Assert.That(full.ErrorTail, Does.Contain("not enough disk space for a copy of the container").And.Contain(reason));
                Assert.That(await StateAsync(), Is.EqualTo("RUNNING"));
                Assert.That(Folders(), Is.Empty);
                Assert.That(Record()["pending"], Is.Null);

                await Forge.InsideAsync("web", free);
                await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
                Assert.That(Folders(), Is.EqualTo(new[] { "s" }));
            }
        );
    }

    [Test]
    public async Task Restore_OnAFullDisk_NamesItAndLeavesTheContainerRunning()
    {
        await OnFileSystemAsync(
            "size=450m",
            async () =>
            {
                await CreateAsync(null, "dd if=/dev/urandom of=/big bs=1M count=50 2>/dev/null");
                await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
                await Forge.InsideAsync("web", "echo new > /data; dd if=/dev/urandom of=/more bs=1M count=60 2>/dev/null");
                var full = await Forge.TryAsync("snapshot", "restore", "--id", "web", "--snapshot", "s");
                Assert.That((full.ExitCode, full.ErrorTail), Is.EqualTo((5, full.ErrorTail)));
                Assert.That(full.ErrorTail, Does.Contain("not enough disk space"));
                Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("new\n"), "it runs as before");
                Assert.That(Folders(), Is.EqualTo(new[] { "s" }));
            }
        );
    }

    [Test]
    public async Task Rebuild_OnAFullDisk_NamesItAndLeavesTheContainerRunning()
    {
        await OnFileSystemAsync(
            "size=300m",
            async () =>
            {
                await CreateAsync(null, "echo mine > /data; dd if=/dev/urandom of=/big bs=1M count=50 2>/dev/null");
                var full = await Forge.TryAsync("rebuild", "--id", "web");
                Assert.That(full.ExitCode, Is.EqualTo(5), full.ErrorTail);
                Assert.That(full.ErrorTail, Does.Contain("not enough disk space"));
                Assert.That((await Forge.InsideAsync("web", "cat /data")).Output, Is.EqualTo("mine\n"), "it runs as before");
                Assert.That(Record()["pending"], Is.Null);

                await Forge.InsideAsync("web", "rm /big");
                await Forge.RunAsync("rebuild", "--id", "web");
                Assert.That((await Forge.InsideAsync("web", "ls /data")).ExitCode, Is.Not.Zero);
            }
        );
    }

    [Test]
    public async Task Rebuild_WhoseStartFails_IsStartedByTheRepeatedRequest()
    {
        await CreateAsync(null, "echo mine > /data");
        var config = Path.Combine(Forge.Folder("web"), "config");
        var before = await File.ReadAllTextAsync(config);
        await File.AppendAllTextAsync(config, "lxc.hook.pre-start = /bin/false\n");
        Assert.That((await Forge.TryAsync("rebuild", "--id", "web", "--request", "r1")).ExitCode, Is.Not.Zero);
        Assert.That((string)(await Forge.RunAsync("list"))[0]!["status"]!, Is.EqualTo("stopped"));
        Assert.That(Directory.GetDirectories(Path.Combine(Forge.Folder("web"), "snapshots"), ".*"), Is.Empty);

        await File.WriteAllTextAsync(config, before);
        Assert.That((string)(await Forge.RunAsync("rebuild", "--id", "web", "--request", "r1"))["status"]!, Is.EqualTo("running"));
        Assert.That((await Forge.InsideAsync("web", "ls /data")).ExitCode, Is.Not.Zero);
    }

    private async Task OnFileSystemAsync(string options, Func<Task> test)
    {
        var mounted = await Lxc.RunAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs", Forge.Data);
        Assert.That(mounted.ExitCode, Is.Zero, mounted.ErrorTail);
        try
        {
            await test();
        }
        finally
        {
            await Lxc.DestroyAllAsync(Forge.Data);
            await Lxc.RunAsync("umount", Forge.Data);
        }
    }

    private async Task CreateAsync(string? disk, string script)
    {
        await Forge.CreateAsync("web", "busybox", disk is null ? [] : ["--disk", disk]);
        Assert.That(File.Exists(Path.Combine(Forge.Folder("web"), "disk.img")), Is.EqualTo(disk is not null));
        await Forge.InsideAsync("web", script);
    }

    private async Task PendAsync(string pending)
    {
        var record = Record();
        record["pending"] = JsonNode.Parse(pending);
        await File.WriteAllTextAsync(RecordFile, record.ToJsonString());
    }

    private string RecordFile => Path.Combine(Forge.Folder(".forge"), "web.json");

    private JsonNode Record() => JsonNode.Parse(File.ReadAllText(RecordFile))!;

    private string[] Folders()
    {
        var all = Path.Combine(Forge.Folder("web"), "snapshots");
        return Directory.Exists(all) ? [.. Directory.GetDirectories(all).Select(d => Path.GetFileName(d)!)] : [];
    }
}
