using System.Buffers;

namespace Wombat.Application.Jobs;

/// <summary>Finds the next match in the text of log lines. A match never contains a line feed.</summary>
internal abstract class LogMatcher
{
    /// <summary>Matches each line.</summary>
    public static readonly LogMatcher EveryLine = new EveryLineMatcher();

    /// <summary>Matches lines that tell of an error: those with one of a few words.</summary>
    public static readonly LogMatcher Errors = new ErrorMatcher();

    public static LogMatcher Of(string text, bool isCaseSensitive) =>
        new TextMatcher(SearchValues.Create([text], isCaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase));

    /// <summary>The position of the first match in a text that begins with a line; -1 if there is none.</summary>
    public abstract int Find(ReadOnlySpan<char> lines);

    private sealed class EveryLineMatcher : LogMatcher
    {
        public override int Find(ReadOnlySpan<char> lines) => lines.IsEmpty ? -1 : 0;
    }

    private sealed class TextMatcher(SearchValues<string> wanted) : LogMatcher
    {
        public override int Find(ReadOnlySpan<char> lines) => lines.IndexOfAny(wanted);
    }

    private sealed class ErrorMatcher : LogMatcher
    {
        private static readonly string[] Words =
        [
            "error",
            "fatal",
            "failed",
            "failure",
            "exception",
            "panic",
            "traceback",
            "cannot",
            "denied",
        ];

        private static readonly SearchValues<string> Any = SearchValues.Create(Words, StringComparison.OrdinalIgnoreCase);

        public override int Find(ReadOnlySpan<char> lines)
        {
            for (var from = 0; lines[from..].IndexOfAny(Any) is >= 0 and var found; from += found + 1)
            {
                if (IsWord(lines, from + found))
                {
                    return from + found;
                }
            }

            return -1;
        }

        private static bool IsWord(ReadOnlySpan<char> lines, int start)
        {
            if (start > 0 && IsPartOfWord(lines[start - 1]))
            {
                return false;
            }

            var end = start;
            while (end < lines.Length && IsPartOfWord(lines[end]))
            {
                end++;
            }

            var word = lines[start..end];
            foreach (var one in Words)
            {
                if (word.Equals(one, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool IsPartOfWord(char one) => char.IsLetterOrDigit(one) || one == '_';
    }
}
