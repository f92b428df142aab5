using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Folders, disks, id ranges and records of containers of this machine.</summary>
[Category("Slow")]
public sealed class LxcStorageTests
{
    private readonly TestFolder folder = new();

    [OneTimeTearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public async Task Disk_WithLimit_IsFullAtTheLimitAndLeavesNothing()
    {
        var forge = Forge("disk");
        try
        {
            var created = await forge.CreateAsync("web", "busybox", "--disk", "1");
            Assert.That((string?)created["note"], Is.Null);
            var full = await forge.InsideAsync("web", "touch /kept; dd if=/dev/zero of=/x bs=1M count=1100; rm /x");
            Assert.That(full.ErrorTail, Does.Contain("No space left"));

            await forge.RunAsync("stop", "--id", "web");
            Assert.That(await forge.DevicesAsync(), Is.Empty, "a container that is stopped occupies no loop device");
            await forge.RunAsync("start", "--id", "web");
            Assert.That((await forge.InsideAsync("web", "ls /kept")).Output, Is.EqualTo("/kept\n"));
            Assert.That(await forge.DevicesAsync(), Is.Not.Empty);

            await forge.RunAsync("delete", "--id", "web");
            Assert.That(await forge.DevicesAsync(), Is.Empty);
            Assert.That(forge.Slots(), Is.Empty);
            Assert.That(Directory.Exists(forge.Folder("web")), Is.False);
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    [Test]
    public async Task DataFolder_BelowAClosedFolder_HoldsContainers()
    {
        var closed = Directory.CreateDirectory(Path.Combine(folder.Path, "closed"), PrivateFiles.FolderMode).FullName;
        var forge = new LxcForge(Path.Combine(closed, "data"));
        try
        {
            await forge.CreateAsync("web", "busybox", "--disk", "1");
            var alias = await AliasAsync(forge);
            Assert.That(alias, Does.StartWith("/run/wombat/lxc-"));

            // As after a restart of the machine.
            await forge.RunAsync("stop", "--id", "web");
            await Lxc.RunAsync("umount", alias!);
            Directory.Delete(alias!);
            Assert.That((string)(await forge.RunAsync("list"))[0]!["status"]!, Is.EqualTo("stopped"));
            Assert.That((string)(await forge.RunAsync("start", "--id", "web"))["status"]!, Is.EqualTo("running"));
            await forge.RunAsync("keys", "--id", "web");

            await forge.RunAsync("delete", "--id", "web");
            Assert.That(await AliasAsync(forge), Is.Null);
            Assert.That(Directory.Exists(alias), Is.False);
            Assert.That(await forge.DevicesAsync(), Is.Empty);
            Assert.That(File.GetUnixFileMode(closed), Is.EqualTo(PrivateFiles.FolderMode));
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    [Test]
    public async Task PrivilegedContainer_OfAnEarlierVersion_GoesOnAndIsMarked()
    {
        var forge = Forge("old");
        await forge.RunAsync("list");
        try
        {
            var created = await Lxc.RunAsync("lxc-create", "-P", forge.Folder(""), "-n", "old", "-t", "busybox", "-f", "/dev/null");
            Assert.That(created.ExitCode, Is.Zero, created.ErrorTail);
            await File.WriteAllTextAsync(
                Path.Combine(forge.Folder(".forge"), "old.json"),
                """{"name":"old","key":"k","template":"busybox","ready":true,"note":null}"""
            );
            Assert.That((string)(await forge.RunAsync("start", "--id", "old", "--key", "k"))["note"]!, Does.Contain("privileged"));
            Assert.That((string)(await forge.RunAsync("list"))[0]!["status"]!, Is.EqualTo("running"));
            await forge.RunAsync("delete", "--id", "old");
            Assert.That((await forge.RunAsync("list")).AsArray(), Is.Empty);
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    [Test]
    public async Task IdRanges_WhenAllAreInUse_AreNamedAndThoseOfDeletedFoldersTaken()
    {
        var state = Path.Combine(folder.Path, "state");
        var ids = Directory.CreateDirectory(Path.Combine(state, "ids")).FullName;
        for (var i = 0; i < 4094; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(ids, $"{i}"), "/");
        }

        var forge = new LxcForge(Path.Combine(folder.Path, "slots"), ("FORGE_LXC_STATE_DIR", state));
        try
        {
            var refused = await forge.TryAsync("create", "--name", "web", "--template", "busybox", "--key", "k");
            Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((5, refused.ErrorTail)));
            Assert.That(refused.ErrorTail, Does.Contain("'ids'").And.Contain("4094"));

            await File.WriteAllTextAsync(Path.Combine(ids, "4093"), "/no/such/record.json");
            await forge.CreateAsync("web", "busybox", "--key", "k");
            Assert.That(await forge.RootIdAsync("web"), Is.EqualTo(2147287040u));
            Assert.That(await File.ReadAllTextAsync(Path.Combine(ids, "4093")), Does.EndWith("/lxc/.forge/web.json"));
            await forge.RunAsync("delete", "--id", "web");
            Assert.That(File.Exists(Path.Combine(ids, "4093")), Is.False);
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    private LxcForge Forge(string name) => new(Path.Combine(folder.Path, name));

    // mountinfo names the folder that is bound and where: number, parent, device, folder, mount point.
    private static async Task<string?> AliasAsync(LxcForge forge) =>
        (await File.ReadAllLinesAsync("/proc/self/mountinfo"))
            .Select(l => l.Split(' '))
            .Where(f => f[4].StartsWith("/run/wombat/lxc-", StringComparison.Ordinal))
            .FirstOrDefault(f => (forge.Data + "/lxc").EndsWith(f[3], StringComparison.Ordinal))
            ?[4];
}
