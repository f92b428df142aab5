using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>The data directory is unreadable for other accounts, which can only pass through it.</summary>
[Category("Slow")]
public sealed class DataDirectoryTests
{
    [Test]
    public async Task DataDirectory_WhileEverythingRuns_IsUnreadableForOtherAccounts()
    {
        using var folder = new TestFolder();
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        await using var wombat = WombatProcess.Start(data);
        try
        {
            using var client = await wombat.ReadyAsync(data);
            var (_, job) = await client.CreateContainerAsync(await client.CreateProjectAsync(), "busybox");
            Assert.That((string)(await client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));

            // Root lists all entries, and an unprivileged account tries to read each.
            var list = Path.Combine(folder.Path, "list");
            var all = Directory
                .EnumerateFileSystemEntries(
                    data,
                    "*",
                    new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }
                )
                .ToList();
            await File.WriteAllLinesAsync(list, all);
            Assert.That(all, Has.Some.Contains("/rootfs/").And.Some.EndsWith("wombat.lock").And.Some.EndsWith("PG_VERSION"));
            string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", "/bin/bash", "-c"];
            var tried = await ChildProcess.RunAsync(
                new ChildCommand(
                    "/usr/bin/setpriv",
                    [
                        .. nobody,
                        "while IFS= read -r f; do [ -r \"$f\" ] && echo \"$f\"; [ -e \"$f/.\" ] && echo \"passed $f\"; done <\"$1\"; "
                            + "ls \"$2\" \"$2/lxc\" 2>/dev/null; true",
                        "walk",
                        list,
                        data,
                    ],
                    TimeSpan.FromMinutes(1)
                )
                {
                    WorkingDirectory = "/",
                },
                CancellationToken.None
            );
            // Containers read the names of their network from the files in .net; any account can that knows the path.
            var refused = tried.Output.Split('\n').Where(l => !l.Contains($"{data}/lxc/.net", StringComparison.Ordinal));
            Assert.That(refused, Is.EqualTo(new[] { $"passed {data}/lxc", "" }));
            Assert.That(
                tried.Output.Split('\n').Where(l => l.StartsWith('/')).Select(f => Path.GetFileName(f)),
                Is.EquivalentTo(new[] { "hosts", "resolv.conf" })
            );
            Assert.That(tried.ErrorTail, Is.Empty);

            // The account of the database can pass the outermost folder only. Containers can pass the folder of the containers, too.
            Assert.That(
                Open(data, all.Where(f => Path.GetDirectoryName(f) == data && !f.EndsWith("/postgres", StringComparison.Ordinal))),
                Is.EqualTo(new[] { "lxc" })
            );
            Assert.That(File.GetUnixFileMode(data), Is.EqualTo((UnixFileMode)0b111_001_001));
        }
        finally
        {
            await Lxc.DestroyAllAsync(data);
        }
    }

    private static IEnumerable<string> Open(string data, IEnumerable<string> entries) =>
        entries
            .Where(f => (File.GetUnixFileMode(f) & (UnixFileMode)0b000_111_111) != UnixFileMode.None)
            .Select(f => Path.GetRelativePath(data, f));
}
