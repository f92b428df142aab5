using System.Text;

namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Makes lines of a program's output. A carriage return begins a line anew, as on a terminal: of the states of such a
/// progress line the last one is handed on some times a second, each as a line.
/// </summary>
internal sealed class LineReader(Func<string, CancellationToken, ValueTask>? onLine)
{
    private const int MaxLine = 16 * 1024;
    private const int TailLines = 5;
    private static readonly TimeSpan StatePeriod = TimeSpan.FromMilliseconds(200);

    private readonly Queue<string> tail = new();
    private readonly StringBuilder line = new();
    private bool isFirst = true;
    private bool sawReturn;
    private bool isProgress;
    private string state = "";
    private string shown = "";
    private long? changed;

    /// <summary>The last few lines.</summary>
    public string Tail => string.Join('\n', tail.Where(t => t.Length > 0));

    /// <summary>How long the newest state of a progress line may still wait; null where there is none to show.</summary>
    public TimeSpan? Due =>
        changed is not { } at ? null
        : StatePeriod - TimeProvider.System.GetElapsedTime(at) is var left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;

    public async ValueTask AddAsync(ReadOnlyMemory<char> text, CancellationToken cancel)
    {
        for (var i = 0; i < text.Length; i++)
        {
            await AddAsync(text.Span[i], cancel);
            if (changed is not null && Due == TimeSpan.Zero)
            {
                await ShowStateAsync(cancel);
            }
        }
    }

    /// <summary>Hands on the newest state of a progress line.</summary>
    public async ValueTask ShowStateAsync(CancellationToken cancel)
    {
        changed = null;
        isProgress = true;
        var text = Current;
        if (text.Length > 0 && text != shown)
        {
            shown = text;
            await EmitAsync(text, cancel);
        }
    }

    /// <summary>The output has ended, perhaps within a line.</summary>
    public async ValueTask EndAsync(CancellationToken cancel)
    {
        if (Current.Length > 0)
        {
            await EndLineAsync(cancel);
        }
    }

    private string Current => line.Length > 0 ? line.ToString() : state;

    private ValueTask AddAsync(char next, CancellationToken cancel)
    {
        if (isFirst && next == '\uFEFF')
        {
            isFirst = false;
            return ValueTask.CompletedTask;
        }

        isFirst = false;
        if (next == '\n')
        {
            return EndLineAsync(cancel);
        }

        if (sawReturn)
        {
            // Not the end of a line of Windows, so what came before is overwritten from here on.
            (state, isProgress, sawReturn) = (Current, true, false);
            line.Clear();
        }

        if (next == '\r')
        {
            sawReturn = true;
            changed ??= TimeProvider.System.GetTimestamp();
            return ValueTask.CompletedTask;
        }

        line.Append(next);
        if (isProgress)
        {
            changed ??= TimeProvider.System.GetTimestamp();
        }

        return line.Length >= MaxLine && !char.IsHighSurrogate(next) ? EndLineAsync(cancel) : ValueTask.CompletedTask;
    }

    private async ValueTask EndLineAsync(CancellationToken cancel)
    {
        var (text, wasShown) = (Current, isProgress && Current == shown);
        line.Clear();
        (state, shown, isProgress, sawReturn, changed) = ("", "", false, false, null);
        if (!wasShown)
        {
            await EmitAsync(text, cancel);
        }
    }

    private async ValueTask EmitAsync(string text, CancellationToken cancel)
    {
        tail.Enqueue(text);
        if (tail.Count > TailLines)
        {
            tail.Dequeue();
        }

        if (onLine is not null)
        {
            await onLine(text, cancel);
        }
    }
}
