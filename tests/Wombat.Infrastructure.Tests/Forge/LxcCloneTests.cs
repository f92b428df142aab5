using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Containers that are created from snapshots of others.</summary>
[Category("Slow")]
public sealed class LxcCloneTests : LxcForgeTestBase
{
    [TestCase(null)]
    [TestCase("1")]
    public async Task Clone_OfASnapshot_HasItsFilesWithIdsOfItsOwn(string? disk)
    {
        string[] size = disk is null ? [] : ["--disk", disk];
        await Forge.CreateAsync("web", "busybox", size);
        await Forge.InsideAsync(
            "web",
            "cd /root; echo good > data; ln data same; ln -s /nowhere link; mkdir -m 1777 sticky; cp /bin/busybox setuid; "
                + "chown 1000:1001 setuid; chmod 6755 setuid; mkdir .ssh; echo key > .ssh/authorized_keys2; "
                + "dd if=/dev/zero of=holes bs=1 count=1 seek=50M; sync"
        );
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "before");
        await Forge.InsideAsync("web", "echo later > /root/data");

        string[] clone = ["--from", "web", "--snapshot", "before", "--hostname", "twin", "--memory", "64", .. size];
        var created = await Forge.CreateAsync("copy", "busybox", clone);
        Assert.That(((string)created["status"]!, (string?)created["note"]), Is.EqualTo(("running", (string?)null)));
        var files = await Forge.InsideAsync(
            "copy",
            "cd /root; cat data /etc/hostname; stat -c '%n %h %a %u:%g' data setuid sticky; readlink link; ls .ssh; hostname"
        );
        Assert.That(
            files.Output,
            Is.EqualTo("good\ntwin\ndata 2 644 0:0\nsetuid 1 6755 1000:1001\nsticky 2 1777 0:0\n/nowhere\ntwin\n"),
            files.ErrorTail
        );
        Assert.That(int.Parse((await Forge.InsideAsync("copy", "stat -c %b /root/holes")).Output), Is.LessThan(1000), "holes stay holes");
        Assert.That(await Forge.RootIdAsync("copy"), Is.Not.EqualTo(await Forge.RootIdAsync("web")));
        Assert.That((await Forge.InsideAsync("web", "cat /root/data")).Output, Is.EqualTo("later\n"));
        Assert.That(await Lxc.ReadCgroupAsync(Forge.Data, "copy", "memory.limit_in_bytes", "memory.max"), Is.EqualTo(64L << 20));
        Assert.That(Directory.GetDirectories(Forge.Folder("copy"), ".*"), Is.Empty);
        if (disk is not null)
        {
            Assert.That(await Forge.DevicesAsync(), Has.Length.EqualTo(4), "a loop device and a mount for each container");
        }

        await Forge.RunAsync("delete", "--id", "web");
        Assert.That((string)(await Forge.RunAsync("restart", "--id", "copy"))["status"]!, Is.EqualTo("running"));
        Assert.That((await Forge.InsideAsync("copy", "cat /root/data")).Output, Is.EqualTo("good\n"));
    }

    [Test]
    public async Task Clone_OfDebian_SharesNoIdentity()
    {
        await Forge.CreateAsync("web", "debian-12");
        const string Identity = "cat /etc/machine-id; cut -d ' ' -f 2 /etc/ssh/ssh_host_ed25519_key.pub";
        var first = await IdentityAsync("web");
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
        await Forge.CreateAsync("copy", "debian-12", "--from", "web", "--snapshot", "s");
        var second = await IdentityAsync("copy");
        Assert.That(second, Is.Not.AnyOf(first));
        Assert.That((await Forge.InsideAsync("copy", "dpkg --verify; systemctl --failed --no-legend")).Output.Trim(), Is.Empty);

        async Task<string[]> IdentityAsync(string name)
        {
            var lines = await Eventually.GetAsync(
                async () => (await Forge.InsideAsync(name, Identity)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                l => l.Length == 2 && l[0].Length == 32,
                "it has made its identity",
                TimeSpan.FromSeconds(30)
            );
            return lines;
        }
    }

    [Test]
    public async Task Clone_OfAHostileRoot_ChangesNothingOutside()
    {
        using var outside = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(outside.Path, "hostname"), "kept");
        await Lxc.RunAsync("chmod", "1777", outside.Path);
        await Forge.CreateAsync("web", "busybox");
        await Forge.RunAsync("stop", "--id", "web");
        var root = Path.Combine(Forge.Folder("web"), "rootfs");
        Directory.Delete(Path.Combine(root, "etc"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(root, "etc"), outside.Path);
        await Forge.RunAsync("snapshot", "create", "--id", "web", "--snapshot", "s");
        var cloned = await Forge.TryAsync("create", "--name", "copy", "--template", "busybox", "--from", "web", "--snapshot", "s");
        Assert.That(File.ResolveLinkTarget(Path.Combine(Forge.Folder("copy"), "rootfs", "etc"), false)?.FullName, Is.EqualTo(outside.Path));
        Assert.That(cloned.ExitCode, Is.Not.Zero, "nothing is written through the link");
        Assert.That(await File.ReadAllTextAsync(Path.Combine(outside.Path, "hostname")), Is.EqualTo("kept"));
        Assert.That(Directory.GetFileSystemEntries(outside.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Clone_OfWhatDoesNotExist_IsNotFound()
    {
        await Forge.CreateAsync("web", "busybox", "--key", "mine");
        foreach (var (from, key, snapshot) in new[] { ("web", "mine", "none"), ("web", "other", "s"), ("none", "mine", "s") })
        {
            string[] clone = ["--from", from, "--from-key", key, "--snapshot", snapshot];
            var refused = await Forge.TryAsync(["create", "--name", "copy", "--template", "busybox", "--key", "copy", .. clone]);
            Assert.That(refused.ExitCode, Is.EqualTo(3), refused.ErrorTail);
        }

        var half = await Forge.TryAsync("create", "--name", "copy", "--template", "busybox", "--from", "web");
        Assert.That((half.ExitCode, half.ErrorTail), Is.EqualTo((2, "--from and --snapshot: must be given together")));
    }
}
