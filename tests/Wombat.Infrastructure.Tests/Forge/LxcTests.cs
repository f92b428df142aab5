using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge with the lxc back end, beyond the plugin contract.</summary>
[Category("Slow")]
public sealed class LxcTests
{
    [TestCase(0, "health")]
    [TestCase(2, "create", "--name", "w", "--template", "busybox")]
    public async Task Create_WhenFolderIsUnsuitable_NamesTheReason(int exitCode, params string[] arguments)
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "with blanks");
        var result = await ChildProcess.RunAsync(
            new ChildCommand(WombatProcess.Forge(), arguments, TimeSpan.FromSeconds(30))
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = data },
            },
            CancellationToken.None
        );
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ErrorTail);
        Assert.That(
            result.Output + result.ErrorTail,
            Does.Contain("WOMBAT_DATA_DIR").And.Not.Contain(data),
            "the message contains no path of the server"
        );
    }

    [Test]
    public async Task Create_ForAnyUmask_MakesFoldersPrivate()
    {
        using var folder = new TestFolder();
        var locks = Directory.CreateDirectory(Path.Combine(folder.Path, "lxc", ".locks")).FullName;
        await File.WriteAllTextAsync(Path.Combine(locks, "web"), "");
        foreach (var open in new[] { Path.GetDirectoryName(locks)!, locks, Path.Combine(locks, "web") })
        {
            File.SetUnixFileMode(open, (UnixFileMode)0b111_111_111);
        }

        try
        {
            var careless = ScriptedCli.Write(folder.Path, "careless", $"umask 000; exec '{WombatProcess.Forge()}' \"$@\"");
            await ForgeAsync(0, folder.Path, careless, "create", "--name", "web", "--template", "busybox");
            var modes = Directory
                .EnumerateFileSystemEntries(Path.Combine(folder.Path, "lxc"), "*", SearchOption.AllDirectories)
                .Where(f =>
                    !f.Contains("/rootfs", StringComparison.Ordinal) && (f.Contains("/.", StringComparison.Ordinal) || Directory.Exists(f))
                )
                .Append(Path.Combine(folder.Path, "lxc"))
                .Select(f => (f, Mode: File.GetUnixFileMode(f) & (UnixFileMode)0b000_111_111))
                .ToList();
            Assert.That(modes, Has.Count.AtLeast(6));
            var passable = modes.Where(m => m.Mode != UnixFileMode.None).OrderBy(m => m.f, StringComparer.Ordinal).ToList();
            Assert.That(
                passable,
                Is.EqualTo(
                    new[]
                    {
                        (Path.Combine(folder.Path, "lxc"), UnixFileMode.GroupExecute | UnixFileMode.OtherExecute),
                        (Path.Combine(folder.Path, "lxc", ".net"), UnixFileMode.GroupExecute | UnixFileMode.OtherExecute),
                        (Path.Combine(folder.Path, "lxc", "web"), UnixFileMode.GroupExecute),
                    }
                ),
                "containers pass the folders of all and of their hosts files, and each passes its own"
            );
        }
        finally
        {
            await Lxc.DestroyAllAsync(folder.Path);
        }
    }

    [Test]
    public async Task Create_WhenAnotherHoldsTheLock_WaitsAndThenFails()
    {
        using var folder = new TestFolder();
        await ForgeAsync(3, folder.Path, WombatProcess.Forge(), "stop", "--id", "web");
        await using var held = new FileStream(
            Path.Combine(folder.Path, "lxc", ".locks", "web"),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.None
        );
        var result = await ForgeAsync(
            7,
            folder.Path,
            ScriptedCli.Write(folder.Path, "hasty", $"export FORGE_LXC_LOCK_SECONDS=1; exec '{WombatProcess.Forge()}' \"$@\""),
            "stop",
            "--id",
            "web"
        );
        Assert.That(result.ErrorTail, Is.EqualTo("another forge process has been working on web for more than 1 s; try again later"));
    }

    [Test]
    public async Task Start_WhenLxcFails_ReportsItsLog()
    {
        using var folder = new TestFolder();
        try
        {
            await ForgeAsync(0, folder.Path, WombatProcess.Forge(), "create", "--name", "web", "--template", "busybox");
            await ForgeAsync(0, folder.Path, WombatProcess.Forge(), "stop", "--id", "web");
            await File.AppendAllTextAsync(
                Path.Combine(folder.Path, "lxc", "web", "config"),
                "lxc.mount.entry = /no-such-source mnt none bind 0 0\n"
            );
            var result = await ForgeAsync(1, folder.Path, WombatProcess.Forge(), "start", "--id", "web");
            Assert.That(
                result.ErrorTail,
                Does.Contain("cannot start web: ").And.Contain("/no-such-source").And.Not.Contain(folder.Path).And.Not.Contain("lxc.log")
            );
        }
        finally
        {
            await Lxc.DestroyAllAsync(folder.Path);
        }
    }

    [Test]
    public async Task Keys_WhenTheShellInsideHangs_FailPermanently()
    {
        using var folder = new TestFolder();
        try
        {
            await ForgeAsync(0, folder.Path, WombatProcess.Forge(), "create", "--name", "web", "--template", "busybox");
            var shell = Path.Combine(folder.Path, "lxc", "web", "rootfs", "bin", "sh");
            File.Delete(shell);
            await File.WriteAllTextAsync(shell, "#!/bin/busybox sh\nwhile :; do /bin/busybox sleep 1; done\n");
            File.SetUnixFileMode(shell, (UnixFileMode)0b111_101_101);
            var from = TimeProvider.System.GetTimestamp();
            var result = await ForgeAsync(1, folder.Path, WombatProcess.Forge(), "keys", "--id", "web");
            Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(25)));
            Assert.That(result.ErrorTail, Does.Contain("web does not respond"));
        }
        finally
        {
            await Lxc.DestroyAllAsync(folder.Path);
        }
    }

    private static async Task<ChildResult> ForgeAsync(int exitCode, string data, string program, params string[] arguments)
    {
        var command = new ChildCommand(program, arguments, TimeSpan.FromMinutes(1))
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = data },
        };
        var result = await ChildProcess.RunAsync(command, CancellationToken.None);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), $"{result.Output}{result.ErrorTail}");
        return result;
    }

    [TestCase(0, "health")]
    [TestCase(6, "create", "--name", "w", "--template", "busybox")]
    public async Task Health_WithoutRoot_NamesTheReason(int exitCode, params string[] arguments)
    {
        using var folder = new TestFolder();
        File.SetUnixFileMode(
            folder.Path,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherWrite
                | UnixFileMode.OtherExecute
        );
        var (program, all) =
            Environment.UserName == "root"
                ? (
                    "/usr/bin/setpriv",
                    [
                        "--reuid=65534",
                        "--regid=65534",
                        "--clear-groups",
                        "--inh-caps",
                        "+dac_read_search",
                        "--ambient-caps",
                        "+dac_read_search",
                        "--",
                        WombatProcess.Forge(),
                        .. arguments,
                    ]
                )
                : (WombatProcess.Forge(), arguments);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_DATA_DIR"] = Path.Combine(folder.Path, "data"),
            ["HOME"] = folder.Path,
        };
        var result = await ChildProcess.RunAsync(
            new ChildCommand(program, all, TimeSpan.FromSeconds(30)) { Environment = environment },
            CancellationToken.None
        );
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ErrorTail);
        Assert.That(result.Output + result.ErrorTail, Does.Contain("require root"));
    }
}
