using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Processes;

/// <summary>How the output of a program is divided into lines, and when it arrives.</summary>
public sealed class ChildProcessOutputTests
{
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
