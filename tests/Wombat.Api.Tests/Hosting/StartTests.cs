using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Hosting;

/// <summary>Starts of the real program: after a kill, with wrong settings, and as a migration.</summary>
[Category("Slow")]
public sealed class StartTests
{
    [Test]
    public async Task Start_AfterAKill_RepairsTheDataDirectory()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false" };
        string id;
        await using (var first = WombatProcess.Start(data, environment))
        {
            using var client = await first.ReadyAsync(data);
            id = await client.CreateProjectAsync("survivor");
            var mode = File.GetUnixFileMode(Path.Combine(data, "admin-token"));
            Assert.That(mode, Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));

            // A second process on the same folder ends with one line.
            await using var second = WombatProcess.Start(data, environment);
            Assert.That(await second.WaitForExitAsync(), Is.EqualTo(1));
            Assert.That(second.Output.Trim().Split('\n'), Has.Length.EqualTo(1).And.All.Contains("already running"), second.Output);
            await first.KillAsync();
        }

        var orphan = int.Parse(File.ReadLines(Path.Combine(data, "postgres", "data", "postmaster.pid")).First());
        Assert.That(Directory.Exists($"/proc/{orphan}"), Is.True, "the embedded PostgreSQL should have outlived its Wombat");
        await using (var third = WombatProcess.Start(data, environment))
        {
            using var client = await third.ReadyAsync(data);
            Assert.That((string)(await client.GetAsync($"/api/v1/projects/{id}")).Body!["unix_name"]!, Is.EqualTo("survivor"));
            await third.TerminateAsync();
            Assert.That(third.ExitCode, Is.Zero, third.Output);
        }

        Assert.That(
            File.Exists(Path.Combine(data, "postgres", "data", "postmaster.pid")),
            Is.False,
            "the embedded PostgreSQL stops with Wombat"
        );

        // A pid file whose pid now belongs to another process.
        await File.WriteAllTextAsync(Path.Combine(data, "postgres", "data", "postmaster.pid"), $"{Environment.ProcessId}\n{data}\n");
        await using var fourth = WombatProcess.Start(data, environment);
        using var last = await fourth.ReadyAsync(data);
        Assert.That((await last.GetAsync($"/api/v1/projects/{id}")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("WOMBAT_PORT", "99999", "WOMBAT_PORT")]
    [TestCase("WOMBAT_PROT", "8080", "WOMBAT_PROT")]
    [TestCase("WOMBAT_JOBS_CONCURRENCY", "many", "WOMBAT_JOBS_CONCURRENCY")]
    [TestCase("WOMBAT_ROLES", "api,cook", "WOMBAT_ROLES")]
    [TestCase("WOMBAT_LOG_LEVEL", "loud", "WOMBAT_LOG_LEVEL")]
    [TestCase("DATABASE_URL", "mysql://u:s3cret@h/d", "DATABASE_URL")]
    [TestCase("PROXMOX_CLI_PATH", "/does/not/exist", "PROXMOX_CLI_PATH")]
    [TestCase("WOMBAT_SECRETS_KEY_FILE", "/does/not/exist", "secrets.key_file")]
    [TestCase("WOMBAT_AUDIT_SIGNING_KEY_FILE", "/does/not/exist", "audit.signing_key_file")]
    [TestCase("WOMBAT_PLUGINS_PROXMOX_CREATE_ARGS", "[\"create\",\"{colour}\"]", "plugins.proxmox.create_args")]
    public async Task Start_WhenASettingIsWrong_EndsWithOneLineThatNamesIt(string name, string value, string named)
    {
        using var folder = new TestFolder();
        await using var wombat = WombatProcess.Start(
            Path.Combine(folder.Path, "data"),
            new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }
        );
        Assert.That(await wombat.WaitForExitAsync(), Is.EqualTo(2), wombat.Output);
        var lines = wombat.Output.Trim().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(1), wombat.Output);
        Assert.That(lines[0], Does.Contain(named).And.Not.Contain("s3cret"));
    }

    [Test]
    public async Task Migrate_WhenRunTwice_AppliesMigrationsOnce()
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = await SharedPostgres.NewDatabaseAsync(),
        };
        foreach (var expected in new[] { "Applied ", "The database is up to date." })
        {
            await using var wombat = WombatProcess.Start(folder.Path, environment, null, "migrate");
            Assert.That(await wombat.WaitForExitAsync(), Is.Zero, wombat.Output);
            Assert.That(wombat.Output, Does.Contain(expected));
        }
    }
}
