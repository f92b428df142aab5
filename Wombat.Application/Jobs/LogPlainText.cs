using System.Buffers;
using System.Text;

namespace Wombat.Application.Jobs;

/// <summary>
/// The lines of a block as a reader sees them: without escape sequences and control characters. Each line ends with a line feed. The text
/// is valid until the next block is loaded.
/// </summary>
internal sealed class LogPlainText : IDisposable
{
    private const char Escape = '\u001b';
    private const char Bell = '\u0007';
    private const char StringTerminator = '\u009c';
    private const char StringTerminatorAfterEscape = '\\';

    private static readonly SearchValues<char> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c).Where(c => c is not ('\t' or '\n')),
    ]);

    private char[] buffer = [];
    private int length;

    public ReadOnlySpan<char> Lines => buffer.AsSpan(0, length);

    public void Load(LogBlock block)
    {
        var bytes = block.Text.Span;
        if (LogText.IsPlain(bytes))
        {
            Reserve(bytes.Length);
            length = Encoding.UTF8.GetChars(bytes, buffer);
        }
        else
        {
            var shown = string.Concat(block.Lines().Select(l => l.Text + "\n"));
            Reserve(shown.Length);
            shown.CopyTo(buffer);
            length = shown.Length;
        }

        RemoveControls();
    }

    public void Dispose() => Reserve(0);

    private void Reserve(int size)
    {
        if (size == 0 || buffer.Length < size)
        {
            if (buffer.Length > 0)
            {
                ArrayPool<char>.Shared.Return(buffer);
            }

            buffer = size == 0 ? [] : ArrayPool<char>.Shared.Rent(size);
        }
    }

    private void RemoveControls()
    {
        Span<char> text = buffer.AsSpan(0, length);
        var kept = text.IndexOfAny(Controls);
        if (kept < 0)
        {
            return;
        }

        var at = kept;
        while (at < text.Length)
        {
            at += LengthOfSequence(text[at..]);
            var next = text[at..].IndexOfAny(Controls);
            var plain = next < 0 ? text.Length - at : next;
            text.Slice(at, plain).CopyTo(text[kept..]);
            kept += plain;
            at += plain;
        }

        length = kept;
    }

    /// <summary>The length of an escape sequence; 1 for another control character, or if the sequence does not end in its line.</summary>
    private static int LengthOfSequence(ReadOnlySpan<char> text) =>
        text[0] switch
        {
            '\u009b' => EndOfCommand(text, 1),
            '\u0090' or '\u0098' or >= '\u009d' and <= '\u009f' => EndOfString(text, 1),
            Escape when text.Length > 1 => text[1] switch
            {
                '[' => EndOfCommand(text, 2),
                ']' or 'P' or 'X' or '^' or '_' => EndOfString(text, 2),
                _ => EndOfShortSequence(text),
            },
            _ => 1,
        };

    private static int EndOfCommand(ReadOnlySpan<char> text, int start)
    {
        var end = start + LengthOfRun(text[start..], '0', '?');
        end += LengthOfRun(text[end..], ' ', '/');
        return end < text.Length && text[end] is >= '@' and <= '~' ? end + 1 : 1;
    }

    private static int EndOfString(ReadOnlySpan<char> text, int start)
    {
        var content = text[start..].IndexOfAny([Bell, StringTerminator, Escape, '\n']);
        if (content < 0)
        {
            return 1;
        }

        var end = start + content;
        return text[end] switch
        {
            Bell or StringTerminator => end + 1,
            Escape when end + 1 < text.Length && text[end + 1] == StringTerminatorAfterEscape => end + 2,
            _ => 1,
        };
    }

    private static int EndOfShortSequence(ReadOnlySpan<char> text)
    {
        var end = 1 + LengthOfRun(text[1..], ' ', '/');
        return end < text.Length && text[end] is >= '0' and <= '~' ? end + 1 : 1;
    }

    private static int LengthOfRun(ReadOnlySpan<char> text, char lowest, char highest)
    {
        var run = text.IndexOfAnyExceptInRange(lowest, highest);
        return run < 0 ? text.Length : run;
    }
}
