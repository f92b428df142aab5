namespace Wombat.Infrastructure.Processes;

/// <summary>Passes on both streams line by line.</summary>
/// <param name="showsUnfinished">Whether an unfinished line is passed on after 100 ms.</param>
public sealed class LineOutput(Func<OutputLine, CancellationToken, ValueTask> onLine, bool showsUnfinished = true) : OutputConsumer
{
    private readonly LineSplitter stdout = new(OutputStream.Stdout, onLine, showsUnfinished);
    private readonly LineSplitter stderr = new(OutputStream.Stderr, onLine, showsUnfinished);

    public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        Of(stream).AddAsync(bytes, cancel);

    public override TimeSpan? DueIn(OutputStream stream) => Of(stream).DueIn;

    public override ValueTask ShowUnfinishedAsync(OutputStream stream, CancellationToken cancel) => Of(stream).ShowUnfinishedAsync(cancel);

    public override async ValueTask EndAsync(CancellationToken cancel)
    {
        await stdout.EndAsync(cancel);
        await stderr.EndAsync(cancel);
    }

    private LineSplitter Of(OutputStream stream) => stream == OutputStream.Stdout ? stdout : stderr;
}
