using System.Text;

namespace Wombat.Infrastructure.Processes;

/// <summary>Captures standard output up to a limit, and passes on standard error line by line.</summary>
/// <param name="maxBytes">The limit of standard output.</param>
/// <param name="onErrorLine">Receives standard error line by line; may be null.</param>
/// <param name="showsUnfinished">Whether an unfinished line is passed on after 100 ms.</param>
public sealed class CapturedOutput(
    int maxBytes,
    Func<OutputLine, CancellationToken, ValueTask>? onErrorLine = null,
    bool showsUnfinished = false
) : OutputConsumer
{
    private readonly MemoryStream stdout = new();
    private readonly LastLines tail = new(5);
    private LineSplitter? stderr;

    /// <summary>Standard output, with U+FFFD for invalid UTF-8 and without a byte order mark.</summary>
    public string Output => Encoding.UTF8.GetString(stdout.GetBuffer(), 0, (int)stdout.Length).TrimStart('\uFEFF');

    /// <summary>The last lines of standard error.</summary>
    public string ErrorTail => tail.ToString();

    private LineSplitter Stderr => stderr ??= new LineSplitter(OutputStream.Stderr, PassOnAsync, showsUnfinished);

    /// <exception cref="OutputTooLargeException">Standard output exceeds the limit.</exception>
    public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (stream == OutputStream.Stderr)
        {
            return Stderr.AddAsync(bytes, cancel);
        }

        if (stdout.Length + bytes.Length > maxBytes)
        {
            throw new OutputTooLargeException(maxBytes);
        }

        stdout.Write(bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override TimeSpan? DueIn(OutputStream stream) => stream == OutputStream.Stderr ? Stderr.DueIn : null;

    public override ValueTask ShowUnfinishedAsync(OutputStream stream, CancellationToken cancel) => Stderr.ShowUnfinishedAsync(cancel);

    public override ValueTask EndAsync(CancellationToken cancel) => Stderr.EndAsync(cancel);

    private ValueTask PassOnAsync(OutputLine line, CancellationToken cancel)
    {
        tail.Add(line);
        return onErrorLine?.Invoke(line, cancel) ?? ValueTask.CompletedTask;
    }
}
