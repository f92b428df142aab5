#pragma warning disable RS0030 // A test must kill the real program.
using System.Diagnostics;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>The images of the lxc back end.</summary>
[Category("Slow")]
public sealed class LxcImageTests
{
    private readonly TestFolder folder = new();

    [OneTimeTearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public async Task Build_WhenCut_LeavesNoImageAndIsDoneAgain()
    {
        // tar waits for the content of the archive, so that the build is cut in the middle.
        var archive = Path.Combine(folder.Path, "rootfs.tar");
        var images = Path.Combine(folder.Path, "images");
        await Lxc.RunAsync("mkfifo", archive);
        var forge = new LxcForge(Path.Combine(folder.Path, "cut"), ("FORGE_LXC_IMAGES", images), ("FORGE_LXC_TEMPLATES", $"own={archive}"));
        try
        {
            using (var build = Start(forge, "create", "--name", "web", "--template", "own", "--key", "k"))
            {
                var lines = 0;
                while (lines < 3 && await build.StandardError.ReadLineAsync() is { } line)
                {
                    lines += line.StartsWith("building the image own: ", StringComparison.Ordinal) ? 1 : 0;
                }

                Assert.That(lines, Is.EqualTo(3), "progress is reported");
                Assert.That(Directory.GetDirectories(images, "own@*.tree"), Is.Not.Empty);
                build.Kill();
                await build.WaitForExitAsync();
            }

            Assert.That(Directory.GetFiles(images, "*.tar"), Is.Empty);
            Assert.That(Cached(await forge.RunAsync("templates"), "own"), Is.False);

            // tar, which was waiting, ends.
            await using (File.Open(archive, FileMode.Open, FileAccess.Write)) { }
            File.Delete(archive);
            await forge.RunAsync("images", "--template", "busybox");
            File.Copy(Directory.GetFiles(images, "busybox@*.tar").Single(), archive);
            Assert.That((string)(await forge.CreateAsync("web", "own", "--key", "k"))["status"]!, Is.EqualTo("running"));
            Assert.That((await forge.InsideAsync("web", "hostname")).Output, Is.EqualTo("web\n"));
            Assert.That(Cached(await forge.RunAsync("templates"), "own"), Is.True);
            Assert.That(Directory.GetFileSystemEntries(images, "own@*").Select(Path.GetExtension), Is.EqualTo(new[] { ".tar" }));
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    [Test]
    public async Task Templates_OfAdministrators_AreCheckedAndListed()
    {
        var data = Path.Combine(folder.Path, "own");
        foreach (var wrong in new[] { "own", "own=relative.tar", "own=debootstrap:", "a/b=/x.tar", "own=debootstrap:sid;reboot" })
        {
            var refused = await new LxcForge(data, ("FORGE_LXC_TEMPLATES", wrong)).TryAsync("templates");
            Assert.That(refused.ExitCode, Is.EqualTo(2), wrong);
            Assert.That(refused.ErrorTail, Does.StartWith($"FORGE_LXC_TEMPLATES: '{wrong}'"));
        }

        var missing = new LxcForge(data, ("FORGE_LXC_TEMPLATES", "own=/no/such.tar"));
        var names = (await missing.RunAsync("templates")).AsArray().Select(t => (string)t!["name"]!);
        Assert.That(names, Is.EqualTo(new[] { "busybox", "debian-12", "debian-13", "own" }));
        var created = await missing.TryAsync("create", "--name", "web", "--template", "own");
        Assert.That(created.ExitCode, Is.EqualTo(7));
        Assert.That(created.ErrorTail, Does.Contain("the file of the template own"));
        await Lxc.DestroyAllAsync(data);
    }

    [Test]
    public async Task Debian_TwoContainers_ShareNoIdentity()
    {
        var forge = new LxcForge(Path.Combine(folder.Path, "debian"));
        try
        {
            var seen = new List<string[]>();
            foreach (var name in new[] { "one", "two" })
            {
                var created = await forge.CreateAsync(name, "debian-12", "--memory", "256", "--cpu", "1");
                Assert.That((string?)created["note"], Is.Null);
                var state = await Eventually.GetAsync(
                    async () => (await forge.InsideAsync(name, "systemctl is-system-running; systemctl --failed --no-legend")).Output,
                    s => s.StartsWith("running", StringComparison.Ordinal),
                    "systemd has started everything"
                );
                Assert.That(state.Trim(), Is.EqualTo("running"));
                var identity = await forge.InsideAsync(name, "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub; hostname");
                seen.Add(identity.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }

            Assert.That(seen, Is.All.Length.EqualTo(3));
            Assert.That(seen.Select(s => s[0].Length), Is.All.EqualTo(32));
            Assert.That(seen[0][0], Is.Not.EqualTo(seen[1][0]), "machine id");
            Assert.That(seen[0][1].Split(' ')[1], Is.Not.EqualTo(seen[1][1].Split(' ')[1]), "host key");
            Assert.That(seen.Select(s => s[2]), Is.EqualTo(new[] { "one", "two" }));
            Assert.That(
                (await forge.InsideAsync("one", "cat /etc/apt/sources.list; passwd -S root; ls /var/lib/apt/lists")).Output,
                Does.Contain("bookworm-security").And.Contain("root L ")
            );
            Assert.That(File.Exists(Path.Combine(forge.Folder("one"), "rootfs/etc/resolv.conf")), Is.False, "no file of this machine");
        }
        finally
        {
            await Lxc.DestroyAllAsync(forge.Data);
        }
    }

    [Test]
    public async Task Archive_WithLinksToTheMachine_ChangesNothingOutside()
    {
        var outside = Directory.CreateDirectory(Path.Combine(folder.Path, "outside", "systemd", "system")).Parent!.Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "hostname"), "kept");
        await File.WriteAllTextAsync(Path.Combine(outside, "x.log"), "kept");
        var tree = Directory.CreateDirectory(Path.Combine(folder.Path, "hostile")).FullName;
        Directory.CreateDirectory(Path.Combine(tree, "usr", "bin"));
        Directory.CreateDirectory(Path.Combine(tree, "var"));
        await File.WriteAllTextAsync(Path.Combine(tree, "usr", "bin", "ssh-keygen"), "");
        File.CreateSymbolicLink(Path.Combine(tree, "etc"), outside);
        File.CreateSymbolicLink(Path.Combine(tree, "var", "log"), outside);
        var archive = Path.Combine(folder.Path, "hostile.tar");
        await Lxc.RunAsync("tar", "-cf", archive, "-C", tree, ".");
        var forge = new LxcForge(
            Path.Combine(folder.Path, "links"),
            ("FORGE_LXC_IMAGES", Path.Combine(folder.Path, "hostile-images")),
            ("FORGE_LXC_TEMPLATES", $"hostile={archive}")
        );
        await forge.RunAsync("images", "--template", "hostile");
        var files = Directory.GetFiles(outside, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(outside, f));
        Assert.That(files, Is.EquivalentTo(new[] { "hostname", "x.log" }));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(outside, "hostname")), Is.EqualTo("kept"));
    }

    private static bool Cached(System.Text.Json.Nodes.JsonNode templates, string name) =>
        (bool)templates.AsArray().Single(t => (string)t!["name"]! == name)!["cached"]!;

    private static Process Start(LxcForge forge, params string[] arguments)
    {
        var command = forge.Command(arguments);
        var start = new ProcessStartInfo(command.Program, arguments) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
