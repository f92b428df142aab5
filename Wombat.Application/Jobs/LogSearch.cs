using System.Runtime.InteropServices;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Searches the blocks of a log, one after the other. It knows nothing of the job, so that one search can go over several logs.
/// </summary>
internal sealed class LogSearch(LogMatcher matcher, IReadOnlyCollection<LogStream>? streams) : IDisposable
{
    private const int MaxText = 1000;
    private const int TextBeforeMatch = 200;

    private readonly LogPlainText text = new();
    private readonly List<Match> matches = [];
    private LogBlock block = null!;

    /// <summary>A line that matches: its index in the block and where the line and its first match begin in the text.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Match(int Line, int Start, int At);

    public int Count => matches.Count;

    public void Dispose() => text.Dispose();

    /// <summary>
    /// Finds the lines of a block that match and whose numbers are from <paramref name="first"/> to <paramref name="last"/>.
    /// </summary>
    public void Load(LogBlock next, long first, long last)
    {
        block = next;
        matches.Clear();
        text.Load(block);
        var lines = text.Lines;
        var (line, start) = (0, 0);
        while (start < lines.Length && matcher.Find(lines[start..]) is >= 0 and var found)
        {
            var at = start + found;
            line += lines[start..at].Count('\n');
            start = lines[..at].LastIndexOf('\n') + 1;
            matches.Add(new Match(line, start, at));
            start = at + lines[at..].IndexOf('\n') + 1;
            line++;
        }

        matches.RemoveAll(m => block.FirstNumber + m.Line < first || block.FirstNumber + m.Line > last);
        if (streams is not null && matches.Count > 0)
        {
            var heads = block.Heads().Select(h => h.Stream).ToArray();
            matches.RemoveAll(m => !streams.Contains(heads[m.Line]));
        }
    }

    public long NumberOf(int match) => block.FirstNumber + matches[match].Line;

    /// <summary>The lines found, in order.</summary>
    /// <param name="range">Which of them.</param>
    public List<LogHit> Hits(Range range)
    {
        var (from, count) = range.GetOffsetAndLength(matches.Count);
        var hits = new List<LogHit>(count);
        using var heads = block.Heads().GetEnumerator();
        var line = -1;
        foreach (var match in matches.GetRange(from, count))
        {
            for (; line < match.Line; line++)
            {
                heads.MoveNext();
            }

            hits.Add(Hit(match, heads.Current.At, heads.Current.Stream));
        }

        return hits;
    }

    private LogHit Hit(Match match, DateTimeOffset at, LogStream stream)
    {
        var line = text.Lines[match.Start..];
        line = line[..line.IndexOf('\n')];
        var column = match.At - match.Start;
        var start = line.Length <= MaxText ? 0 : Math.Clamp(column - TextBeforeMatch, 0, line.Length - MaxText);
        var end = Math.Min(line.Length, start + MaxText);
        start += start > 0 && char.IsLowSurrogate(line[start]) ? 1 : 0;
        end -= end < line.Length && char.IsLowSurrogate(line[end]) ? 1 : 0;
        return new LogHit(
            block.FirstNumber + match.Line,
            at,
            stream,
            line[start..end].ToString(),
            column - start,
            end - start < line.Length
        );
    }
}
