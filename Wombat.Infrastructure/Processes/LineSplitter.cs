namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Splits the bytes of one stream into lines. A carriage return starts the line again, as on a terminal; the newest state of such a
/// progress line is passed on every 100 ms. An unfinished line is passed on after 100 ms, and later text continues it.
/// </summary>
internal sealed class LineSplitter(OutputStream stream, Func<OutputLine, CancellationToken, ValueTask> onLine, bool showsUnfinished)
{
    /// <summary>A longer line is passed on in parts.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private static readonly TimeSpan ShowAfter = TimeSpan.FromMilliseconds(100);

    private readonly byte[] line = new byte[MaxLineBytes];
    private int length;

    // The text that a carriage return is about to overwrite, and the text of this line that was passed on.
    private byte[] overwritten = [];
    private byte[]? shown;
    private bool isStart = true;
    private bool sawReturn;
    private bool isProgress;
    private bool isOpen;
    private long? waitingSince;

    /// <summary>The time until the unfinished line is passed on; null if there is none.</summary>
    public TimeSpan? DueIn =>
        waitingSince is not { } since ? null
        : ShowAfter - TimeProvider.System.GetElapsedTime(since) is var left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;

    private ReadOnlyMemory<byte> Current => length > 0 ? line.AsMemory(0, length) : overwritten;

    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (isStart)
        {
            isStart = false;
            bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }

        while (!bytes.IsEmpty)
        {
            if (sawReturn)
            {
                await OverwriteAsync(isLineEnd: bytes.Span[0] == LineFeed, cancel);
            }

            var end = bytes.Span.IndexOfAny(LineFeed, CarriageReturn);
            var part = end < 0 ? bytes : bytes[..end];
            var isLine = end >= 0 && bytes.Span[end] == LineFeed;
            if (isLine && length == 0 && !isProgress && part.Length <= MaxLineBytes)
            {
                // The usual case: a whole line, without a copy.
                isOpen = false;
                await onLine(new OutputLine(stream, part), cancel);
            }
            else
            {
                await AppendAsync(part, cancel);
                sawReturn = end >= 0 && !isLine;
                if (isLine)
                {
                    await EndLineAsync(cancel);
                }
            }

            bytes = end < 0 ? default : bytes[(end + 1)..];
        }

        Wait();
    }

    /// <summary>Passes on the unfinished line.</summary>
    public async ValueTask ShowUnfinishedAsync(CancellationToken cancel)
    {
        waitingSince = null;
        if (isProgress || sawReturn)
        {
            isProgress = true;
            await ShowStateAsync(cancel);
        }
        else
        {
            await PassOnPartAsync(CompleteCharacters(line.AsSpan(0, length)), cancel);
        }
    }

    /// <summary>Called at the end of the stream, possibly within a line.</summary>
    public ValueTask EndAsync(CancellationToken cancel) => Current.Length > 0 || isOpen ? EndLineAsync(cancel) : ValueTask.CompletedTask;

    private void Wait() =>
        waitingSince =
            sawReturn || length > 0 && (showsUnfinished || isProgress) ? waitingSince ?? TimeProvider.System.GetTimestamp() : null;

    // A carriage return before a line feed ends the line, as on Windows. Otherwise the following text overwrites the line.
    private async ValueTask OverwriteAsync(bool isLineEnd, CancellationToken cancel)
    {
        sawReturn = false;
        if (isLineEnd)
        {
            return;
        }

        isProgress = true;
        waitingSince ??= TimeProvider.System.GetTimestamp();
        if (DueIn == TimeSpan.Zero)
        {
            waitingSince = TimeProvider.System.GetTimestamp();
            await ShowStateAsync(cancel);
        }

        overwritten = Current.ToArray();
        length = 0;
    }

    private async ValueTask ShowStateAsync(CancellationToken cancel)
    {
        var text = Current;
        if (text.Length > 0 && !(shown is not null && text.Span.SequenceEqual(shown)))
        {
            var replaces = isOpen || shown is not null;
            (shown, isOpen) = (text.ToArray(), false);
            await onLine(new OutputLine(stream, shown, Replaces: replaces), cancel);
        }
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> part, CancellationToken cancel)
    {
        while (!part.IsEmpty)
        {
            if (length == line.Length)
            {
                await PassOnPartAsync(CompleteCharacters(line), cancel);
            }

            var taken = Math.Min(line.Length - length, part.Length);
            part[..taken].CopyTo(line.AsMemory(length));
            length += taken;
            part = part[taken..];
        }
    }

    private async ValueTask PassOnPartAsync(int size, CancellationToken cancel)
    {
        if (size == 0)
        {
            return;
        }

        var replaces = isProgress && (isOpen || shown is not null);
        (overwritten, isOpen, isProgress, shown) = ([], true, false, null);
        await onLine(new OutputLine(stream, line.AsMemory(0, size), IsPartial: true, replaces), cancel);
        line.AsSpan(size, length - size).CopyTo(line);
        length -= size;
    }

    private async ValueTask EndLineAsync(CancellationToken cancel)
    {
        var text = Current;
        var replaces = isProgress && (isOpen || shown is not null);
        var isKnown = isProgress && shown is not null && text.Span.SequenceEqual(shown);
        if (!isKnown)
        {
            await onLine(new OutputLine(stream, text, Replaces: replaces), cancel);
        }

        (length, overwritten, shown, isProgress, isOpen, sawReturn, waitingSince) = (0, [], null, false, false, false, null);
    }

    // The number of bytes without an incomplete character at the end, which waits for its remaining bytes.
    private static int CompleteCharacters(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= 3 && back <= text.Length; back++)
        {
            var first = text[^back];
            if (first >= 0xC0)
            {
                var size =
                    first >= 0xF0 ? 4
                    : first >= 0xE0 ? 3
                    : 2;
                return size > back ? text.Length - back : text.Length;
            }

            if (first < 0x80)
            {
                break;
            }
        }

        return text.Length;
    }
}
