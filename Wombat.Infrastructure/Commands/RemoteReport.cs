using System.Globalization;
using System.Text;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reads what <see cref="RemoteScript"/> prints on standard error, and separates it from what the program prints there.</summary>
/// <param name="mark">Begins what the script prints, also behind the unfinished line of the program.</param>
internal sealed class RemoteReport(string mark)
{
    private const int StartFields = 3;

    // What a host says is limited: it may be any machine.
    private const int TextMax = 1000;
    private const int ListMax = 20;

    private readonly byte[] markBytes = Encoding.ASCII.GetBytes(mark);
    private readonly List<string> signals = [];
    private readonly List<string> left = [];
    private readonly List<string> strangers = [];
    private string pending = "";
    private bool isOpen;
    private bool isBlind;

    /// <summary>Null until the program has started.</summary>
    public RemoteProcess? Process { get; private set; }

    /// <summary>Null until the program has ended.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether the script has said all.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Returns the part of the line that the program has printed; null if there is none.</summary>
    public OutputLine? Read(OutputLine line)
    {
        if (line.Stream == OutputStream.Stdout)
        {
            return line;
        }

        var at = pending.Length > 0 ? 0 : line.Bytes.Span.IndexOf(markBytes);
        if (at < 0)
        {
            isOpen = line.IsPartial;
            return line;
        }

        var text = pending + Encoding.UTF8.GetString(line.Bytes.Span[at..]);
        pending =
            !line.IsPartial ? ""
            : text.Length > TextMax ? text[..TextMax]
            : text;
        if (!line.IsPartial)
        {
            Apply(text[markBytes.Length..Math.Min(text.Length, TextMax)].Trim());
        }

        var hasText = at > 0 || line.Replaces || isOpen;
        isOpen = false;
        return hasText ? line with { Bytes = line.Bytes[..at], IsPartial = false } : null;
    }

    /// <summary>How the processes ended.</summary>
    /// <param name="host">Its name.</param>
    public RunEnding Ending(string host)
    {
        var how =
            ExitCode is { } code ? $"Exited with code {code}"
            : signals.Count > 0 ? $"Got {string.Join(" and ", signals)}"
            : "No process of the run was found";
        var rest =
            left.Count > 0 ? $"{how}. Processes of the run are left on {host}: {string.Join(", ", left)}."
            : strangers.Count > 0
                ? $"{how}. Whether these processes of the same account on {host} belong to the run is unknown: "
                    + $"{string.Join(", ", strangers)}."
            : isBlind ? $"{how}. {host} has no /proc: whether a process has left the group of the program is unknown."
            : $"{how}. No process of the run is left on {host}.";
        return new RunEnding
        {
            Isolation = Isolation.Session,
            Signals = [.. signals],
            Proven = left.Count == 0 && strangers.Count == 0 && !isBlind,
            Explanation = rest,
        };
    }

    private void Apply(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["start", var pid, var ticks, var boot] when words.Length == StartFields + 1:
                if (
                    int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var started)
                    && Guid.TryParse(boot, out var bootId)
                )
                {
                    Process = new RemoteProcess
                    {
                        Pid = id,
                        StartedTicks = started,
                        BootId = bootId.ToString(),
                    };
                }

                break;
            // A host without /proc tells neither the start nor the boot.
            case ["start", var pid] when int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var only):
                Process = new RemoteProcess { Pid = only };
                break;
            case ["signal", "SIGTERM" or "SIGKILL"] when !signals.Contains(words[1], StringComparer.Ordinal):
                signals.Add(words[1]);
                break;
            case ["left", var pid] when left.Count < ListMax && int.TryParse(pid, CultureInfo.InvariantCulture, out var leftId):
                left.Add(leftId.ToString(CultureInfo.InvariantCulture));
                break;
            case ["stranger", _, ..] when strangers.Count < ListMax:
                strangers.Add(ExternalText.Clean(string.Join(' ', words.Skip(1))));
                break;
            case ["blind"]:
                isBlind = true;
                break;
            case ["exit", var code] when int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var exitCode):
                (ExitCode, IsComplete) = (exitCode, true);
                break;
            case ["done"]:
                IsComplete = true;
                break;
        }
    }
}
