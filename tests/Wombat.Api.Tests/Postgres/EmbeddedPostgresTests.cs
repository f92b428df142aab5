using System.Net;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Postgres;

/// <summary>The embedded PostgreSQL: it runs as long as Wombat, in any folder.</summary>
[Category("Slow")]
public sealed class EmbeddedPostgresTests
{
    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
    {
        ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
    };

    [Test]
    public async Task Server_WhenKilled_IsRestartedWithItsData()
    {
        using var folder = new TestFolder();
        await using var wombat = WombatProcess.Start(folder.Path, Environment);
        using var client = await wombat.ReadyAsync(folder.Path);
        var id = await client.CreateProjectAsync("kept");
        foreach (var signal in new[] { "-KILL", "-INT" })
        {
            var before = Number(folder.Path)!;
            await ChildProcess.RunAsync(new ChildCommand("/bin/kill", [signal, before], TimeSpan.FromSeconds(5)), CancellationToken.None);
            await Eventually.UntilAsync(() => Number(folder.Path) is { } now && now != before, $"a new server runs after {signal}");
            await Eventually.UntilAsync(
                async () => (await client.GetAsync($"/api/v1/projects/{id}")).Status == HttpStatusCode.OK,
                "the project is served again"
            );
        }

        Assert.That((await client.GetAsync("/health/ready")).Status, Is.EqualTo(HttpStatusCode.OK));
        await wombat.TerminateAsync();
        Assert.That(File.Exists(PidFile(folder.Path)), Is.False, "the restarted server ends with Wombat");
    }

    [TestCase("postgres")]
    [TestCase("postgres/data/PG_VERSION")]
    [TestCase("postgres/data/postmaster.pid")]
    [TestCase("admin-token")]
    public async Task Terminate_AtAnyMomentOfTheStart_LeavesNoServerBehind(string file)
    {
        using var folder = new TestFolder();
        await using (var wombat = WombatProcess.Start(folder.Path, Environment))
        {
            await Eventually.UntilAsync(() => Path.Exists(Path.Combine(folder.Path, file)), $"the start has created {file}");
            await wombat.TerminateAsync();
            Assert.That(File.Exists(PidFile(folder.Path)), Is.False, wombat.Output);
            Assert.That(wombat.Output, Does.Not.Contain("Unhandled").And.Not.Contain("   at ").And.Not.Contain("\"Error\""));
        }

        await using var whole = WombatProcess.Start(folder.Path, Environment);
        using var client = await whole.ReadyAsync(folder.Path);
    }

    [TestCase("with blanks in it")]
    [TestCase("it's, \"so\" to; say")]
    [TestCase("$(touch pwned)`touch pwned`")]
    [TestCase("ünïcödé")]
    public async Task DataDirectory_WithSpecialCharacters_Works(string name)
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, name);
        var socket = WombatProcess.SocketFolder(data);
        await using (var wombat = WombatProcess.Start(data, Environment))
        {
            using var client = await wombat.ReadyAsync(data);
            await client.CreateProjectAsync("odd");
            Assert.That(Directory.Exists(socket), Is.True, socket);
        }

        Assert.That(Directory.EnumerateFiles(folder.Path, "pwned", SearchOption.AllDirectories), Is.Empty);
        Assert.That(File.Exists(PidFile(data)), Is.False);
        Assert.That(Directory.Exists(socket), Is.False, "the socket folder is removed");
    }

    [Test]
    public async Task DataDirectory_WhenSymbolicLink_IsResolved()
    {
        using var folder = new TestFolder();
        var real = Directory.CreateDirectory(Path.Combine(folder.Path, "real")).FullName;
        var link = Directory.CreateSymbolicLink(Path.Combine(folder.Path, "link"), real).FullName;
        await using var wombat = WombatProcess.Start(link, Environment);
        using var client = await wombat.ReadyAsync(link);
        var number = Number(real);
        await Task.Delay(2500);
        Assert.That(Number(real), Is.EqualTo(number), "a running server is not stopped");
        Assert.That(wombat.Output, Does.Not.Contain("has ended"));
    }

    private static string PidFile(string data) => Path.Combine(data, "postgres", "data", "postmaster.pid");

    private static string? Number(string data)
    {
        try
        {
            return File.ReadLines(PidFile(data)).FirstOrDefault();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
