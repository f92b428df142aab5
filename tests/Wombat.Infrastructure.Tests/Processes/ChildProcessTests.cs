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
        var script = ScriptedCli.Write(folder.Path, "late", "sleep 0.5; touch \"$(dirname \"$0\")/done-$1\"");
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
    public async Task Run_WithMuchErrorOutput_DeliversLinesInOrder()
    {
        using var folder = new TestFolder();
        var script = ScriptedCli.Write(
            folder.Path,
            "talker",
            "seq 1 20000 >&2; printf 'no end' >&2; head -c 100000 /dev/zero | tr '\\0' 'z' >&2"
        );
        var lines = new List<string>();
        await ChildProcess.RunAsync(
            new ChildCommand(
                script,
                [],
                TimeSpan.FromSeconds(30),
                OnErrorLine: (line, _) =>
                {
                    lines.Add(line);
                    return ValueTask.CompletedTask;
                }
            ),
            default
        );
        Assert.That(lines.Take(20000), Is.EqualTo(Enumerable.Range(1, 20000).Select(i => i.ToString())));
        Assert.That(string.Concat(lines.Skip(20000)), Is.EqualTo("no end" + new string('z', 100_000)));
    }

    [TestCase("'%s%%\\r'")]
    [TestCase("'\\r%s%%'")]
    public async Task Run_WithAProgressLine_DeliversItsStates(string format)
    {
        using var folder = new TestFolder();
        var script = ScriptedCli.Write(
            folder.Path,
            "progress",
            $"echo begin >&2; for i in 1 2 3 4 5 6 7 8; do printf {format} $i >&2; sleep 0.005; done; while [ ! -f \"$(dirname "
                + "\"$0\")/go\" ]; do sleep 0.02; done; printf '\\r9%%\\n' >&2; printf 'crlf\\r\\ncrlf\\r\\n' >&2"
        );
        var lines = new List<string>();
        await ChildProcess.RunAsync(
            new ChildCommand(
                script,
                [],
                TimeSpan.FromSeconds(30),
                OnErrorLine: (line, _) =>
                {
                    lines.Add(line);
                    if (line == "8%")
                    {
                        File.WriteAllText(Path.Combine(folder.Path, "go"), "");
                    }

                    return ValueTask.CompletedTask;
                }
            ),
            default
        );
        Assert.That(lines.Where(l => l.EndsWith('%')), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal).And.Unique);
        Assert.That(lines.Where(l => l is "8%" or "9%" || !l.EndsWith('%')), Is.EqualTo(new[] { "begin", "8%", "9%", "crlf", "crlf" }));
    }

    [Test]
    public async Task Run_WhenOutputHasAByteOrderMark_RemovesIt()
    {
        using var folder = new TestFolder();
        var script = ScriptedCli.Write(folder.Path, "marked", "printf '\\357\\273\\277out'; printf '\\357\\273\\277err\\n' >&2");
        var result = await ChildProcess.RunAsync(new ChildCommand(script, [], TimeSpan.FromSeconds(30)), default);
        Assert.That((result.Output, result.ErrorTail), Is.EqualTo(("out", "err")));
    }

    [Test]
    public void Run_WhenProgramIsMissing_NamesIt() =>
        Assert.That(
            async () =>
                await ChildProcess.RunAsync(new ChildCommand("/no/such/program-that-is-missing", [], TimeSpan.FromSeconds(5)), default),
            Throws.TypeOf<ProgramMissingException>().With.Message.Contains("program-that-is-missing").And.Message.Not.Contains("/no/such")
        );

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

    [Test]
    public async Task Run_WithBothStreams_TagsLinesInOrderOfArrival()
    {
        var lines = await LinesAsync("for i in 1 2 3 4; do echo out$i; sleep 0.1; echo err$i >&2; sleep 0.1; done");
        Assert.That(
            lines.Select(l => $"{l.Stream} {l.Text}"),
            Is.EqualTo(Enumerable.Range(1, 4).SelectMany(i => new[] { $"Stdout out{i}", $"Stderr err{i}" }))
        );
    }

    [Test]
    public async Task Run_WithAnUnfinishedLine_ShowsAndContinuesIt()
    {
        using var folder = new TestFolder();
        var go = Path.Combine(folder.Path, "go");
        var lines = await LinesAsync(
            $"printf 'Password: '; while [ ! -f {go} ]; do sleep 0.02; done; printf 'given\\nnext\\nlast'",
            line =>
            {
                if (line.IsPartial)
                {
                    File.WriteAllText(go, "");
                }
            }
        );
        Assert.That(
            lines.Select(l => (l.Text, l.IsPartial)),
            Is.EqualTo(new[] { ("Password: ", true), ("given", false), ("next", false), ("last", false) })
        );
    }

    [Test]
    public async Task Run_WithACarriageReturnAfterAnUnfinishedLine_ReplacesIt()
    {
        using var folder = new TestFolder();
        var go = Path.Combine(folder.Path, "go");
        var lines = await LinesAsync(
            $"printf 'fetching'; while [ ! -f {go} ]; do sleep 0.02; done; printf '\\rdone\\n'",
            _ => File.WriteAllText(go, "")
        );
        Assert.That(lines.Select(l => (l.Text, l.Replaces)), Is.EqualTo(new[] { ("fetching", false), ("done", true) }));
    }

    [Test]
    public async Task Run_WithInvalidUtf8AndLongLines_KeepsTheBytes()
    {
        var lines = await LinesAsync("printf 'a\\377\\000b\\n'; head -c 40000 /dev/zero | tr '\\0' 'z'; printf '\\303\\244\\n'");
        Assert.That(lines[0].Bytes.ToArray(), Is.EqualTo(new byte[] { (byte)'a', 0xFF, 0, (byte)'b' }));
        Assert.That(string.Concat(lines.Skip(1).Select(l => l.Text)), Is.EqualTo(new string('z', 40_000) + "\u00e4"));
        Assert.That(lines.Skip(1).Select(l => l.IsPartial), Is.EqualTo(lines.Skip(1).Select((_, i) => i < lines.Count - 2)));
    }

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

    [Test]
    public async Task Run_WhenADaemonHoldsTheOutput_DoesNotWaitForIt()
    {
        var from = TimeProvider.System.GetTimestamp();
        var lines = await LinesAsync("setsid sh -c 'sleep 20; echo late' & seq 1 20000");
        Assert.That(lines.Select(l => l.Text), Is.EqualTo(Enumerable.Range(1, 20000).Select(i => i.ToString())));
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(15)));
    }

    [Test]
    public async Task Run_WhenCancelled_ReadsTheLastOutput()
    {
        var lines = new List<string>();
        using var cancel = new CancellationTokenSource();
        var output = new LineOutput(
            (line, _) =>
            {
                lines.Add(line.Text);
                if (line.Text == "ready")
                {
                    cancel.Cancel();
                }

                return ValueTask.CompletedTask;
            }
        );
        string[] script = ["-c", "trap 'echo cleaning up; exit 3' TERM; echo ready; while :; do sleep 0.05; done"];
        Assert.That(
            async () => await ChildProcess.RunAsync(new ChildCommand("/bin/bash", script, TimeSpan.FromSeconds(30)), output, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
        Assert.That(lines, Does.Contain("cleaning up"));
    }

    private static async Task<List<OutputLine>> LinesAsync(string script, Action<OutputLine>? onLine = null)
    {
        var lines = new List<OutputLine>();
        var output = new LineOutput(
            (line, _) =>
            {
                lines.Add(line with { Bytes = line.Bytes.ToArray() });
                onLine?.Invoke(line);
                return ValueTask.CompletedTask;
            }
        );
        await ChildProcess.RunAsync(new ChildCommand("/bin/bash", ["-c", script], TimeSpan.FromSeconds(30)), output, default);
        return lines;
    }
}
