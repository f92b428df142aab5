using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Processes;

public sealed class ChildProcessTests
{
    [Test]
    public async Task Run_WithSpecialCharacters_PassesArgumentsUnchanged()
    {
        string[] nasty = ["$(id)", "a b", "'\"", "*", "; reboot", "--flag", "", "\n"];
        var result = await ChildProcess.RunAsync(new ChildCommand("/usr/bin/printf", ["[%s]", .. nasty], TimeSpan.FromSeconds(5)), default);
        Assert.That(result.Output, Is.EqualTo(string.Concat(nasty.Select(n => $"[{n}]"))));
    }

    [Test]
    public async Task Run_WithWombatSettingsInTheEnvironment_DoesNotPassThem()
    {
        string[] own = ["WOMBAT_LDAP_BIND_PASSWORD", "ConnectionStrings__Wombat", "DATABASE_URL"];
        foreach (var name in own.Append("FORGE_OF_A_TEST"))
        {
            Environment.SetEnvironmentVariable(name, "marked");
        }

        try
        {
            var result = await ChildProcess.RunAsync(
                new ChildCommand("/usr/bin/env", [], TimeSpan.FromSeconds(5))
                {
                    Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = "/given" },
                },
                default
            );
            Assert.That(
                result.Output.Split('\n').Where(l => l.EndsWith("=marked", StringComparison.Ordinal)),
                Is.EqualTo(new[] { "FORGE_OF_A_TEST=marked" })
            );
            Assert.That(result.Output, Does.Contain("WOMBAT_DATA_DIR=/given").And.Contain("PATH="));
        }
        finally
        {
            foreach (var name in own.Append("FORGE_OF_A_TEST"))
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    [Test]
    public async Task Run_WhenTimeoutExpires_KillsTheWholeTree()
    {
        using var folder = new TestFolder();
        var script = ScriptedCli.Write(
            folder.Path,
            "stubborn",
            "trap '' TERM; cd \"$(dirname \"$0\")\"; sleep 60 & echo $! >child; setsid sh -c 'echo $$ >escaped; sleep 60' & echo "
                + "$$ >self; while :; do sleep 0.1; done"
        );
        Assert.That(
            async () => await ChildProcess.RunAsync(new ChildCommand(script, [], TimeSpan.FromMilliseconds(500)), default),
            Throws.TypeOf<TimeoutException>()
        );
        foreach (var file in new[] { "child", "escaped", "self" })
        {
            var pid = (await File.ReadAllTextAsync(Path.Combine(folder.Path, file))).Trim();
            var state = File.Exists($"/proc/{pid}/stat") ? (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Split(' ')[2] : "gone";
            Assert.That(state, Is.EqualTo("gone").Or.EqualTo("Z"), file);
        }
    }

    [Test]
    public async Task Run_WhenCancelledAtOnce_LeavesNothingRunning()
    {
        using var folder = new TestFolder();
        var script = ScriptedCli.Write(folder.Path, "late", "sleep 5; touch \"$(dirname \"$0\")/done-$1\"");
        await Task.WhenAll(
            Enumerable
                .Range(0, 60)
                .Select(async i =>
                {
                    using var giveUp = new CancellationTokenSource(TimeSpan.FromMicroseconds(100 * i));
                    try
                    {
                        await ChildProcess.RunAsync(new ChildCommand(script, [$"{i}"], TimeSpan.FromSeconds(10)), giveUp.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        // Expected.
                    }
                })
        );
        await Eventually.UntilAsync(() => !IsRunning(script), "no process of the script is left");
        Assert.That(Directory.EnumerateFiles(folder.Path, "done-*").Select(Path.GetFileName), Is.Empty);
    }

    [Test]
    public void Run_WhenOutputExceedsTheLimit_KillsTheProgram()
    {
        var from = TimeProvider.System.GetTimestamp();
        Assert.That(
            async () =>
                await ChildProcess.RunAsync(
                    new ChildCommand("/usr/bin/yes", [], TimeSpan.FromSeconds(30), MaxOutputBytes: 100_000),
                    default
                ),
            Throws.TypeOf<OutputTooLargeException>()
        );
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void Run_WhenProgramIsMissing_NamesIt() =>
        Assert.That(
            async () =>
                await ChildProcess.RunAsync(new ChildCommand("/no/such/program-that-is-missing", [], TimeSpan.FromSeconds(5)), default),
            Throws.TypeOf<ProgramMissingException>().With.Message.Contains("program-that-is-missing").And.Message.Not.Contains("/no/such")
        );

    [Test]
    public async Task Run_WithInput_PassesItToTheProgram()
    {
        var data = new byte[300_000];
        new Random(1).NextBytes(data);
        var command = new ChildCommand("/usr/bin/sha256sum", [], TimeSpan.FromSeconds(30)) { Input = new MemoryStream(data) };
        var result = await ChildProcess.RunAsync(command, default);
        Assert.That(result.Output, Does.StartWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(data))));
        var deaf = new ChildCommand("/bin/true", [], TimeSpan.FromSeconds(30)) { Input = new MemoryStream(data) };
        Assert.That((await ChildProcess.RunAsync(deaf, default)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Run_AsAnotherUser_HasNoPrivileges()
    {
        if (Environment.UserName != "root")
        {
            Assert.Ignore("Only root can switch to another account.");
        }

        var command = new ChildCommand("/usr/bin/id", ["-u"], TimeSpan.FromSeconds(30))
        {
            User = new UnixUser(65534, 65534),
            WorkingDirectory = "/",
        };
        Assert.That((await ChildProcess.RunAsync(command, default)).Output.Trim(), Is.EqualTo("65534"));
    }

    private static bool IsRunning(string script) =>
        Directory.EnumerateDirectories("/proc").Any(d => CommandLineOf(d).Contains(script, StringComparison.Ordinal));

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            // No process, or one that has just ended.
            return "";
        }
    }
}
