namespace Wombat.Infrastructure.Processes;

/// <summary>Reads both output streams of a program into one consumer, in order of arrival.</summary>
/// <param name="exit">Completes when the program has ended.</param>
internal sealed class OutputPump(Stream stdout, Stream stderr, Task exit, OutputConsumer consumer)
{
    // The maximum that a pipe can hold when its program has ended: 64 KiB, or up to this size if the program enlarged it.
    private const int PipeBytesMax = 1024 * 1024;
    private const int BufferBytes = 64 * 1024;

    // A process that the program has started may keep the pipe open.
    private static readonly TimeSpan SilenceAfterExit = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the output has ended, or when the program has ended and its output was read.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        List<Pipe> open = [new(OutputStream.Stdout, stdout, stop.Token), new(OutputStream.Stderr, stderr, stop.Token)];
        var afterExit = 0;
        while (open.Count > 0 && afterExit < PipeBytesMax)
        {
            await ShowUnfinishedAsync(open, cancel);
            var hasExited = exit.IsCompleted;
            if ((open.Find(p => p.Reading.IsCompleted) ?? await WaitAsync(open, hasExited, cancel)) is not { } ready)
            {
                if (hasExited && !open.Exists(p => p.HasUnread))
                {
                    break;
                }

                continue;
            }

            // The pipe that was read goes to the end of the list, so that a pipe that never pauses does not block the other.
            open.Remove(ready);
            var read = await ready.Reading;
            if (read > 0)
            {
                await consumer.AddAsync(ready.Stream, ready.Buffer.AsMemory(0, read), cancel);
                ready.Read(stop.Token);
                open.Add(ready);
                afterExit += hasExited ? read : 0;
            }
        }

        await stop.CancelAsync();
        await consumer.EndAsync(cancel);
    }

    private async ValueTask ShowUnfinishedAsync(List<Pipe> open, CancellationToken cancel)
    {
        foreach (var pipe in open)
        {
            if (!pipe.Reading.IsCompleted && consumer.DueIn(pipe.Stream) == TimeSpan.Zero)
            {
                await consumer.ShowUnfinishedAsync(pipe.Stream, cancel);
            }
        }
    }

    /// <summary>
    /// Returns the pipe that has data; null if an unfinished line is due, the program has just ended, or it has ended and prints nothing.
    /// </summary>
    private async Task<Pipe?> WaitAsync(List<Pipe> open, bool hasExited, CancellationToken cancel)
    {
        var tasks = open.ConvertAll(p => (Task)p.Reading);
        if (!hasExited)
        {
            tasks.Add(exit);
        }

        var due = open.Select(p => consumer.DueIn(p.Stream)).Append(hasExited ? SilenceAfterExit : null).Min();
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        tasks.Add(Task.Delay(due ?? Timeout.InfiniteTimeSpan, timer.Token));
        var first = await Task.WhenAny(tasks);
        await timer.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        return open.Find(p => p.Reading == first);
    }

    private sealed class Pipe
    {
        private readonly Stream source;

        public Pipe(OutputStream stream, Stream source, CancellationToken cancel)
        {
            (Stream, this.source) = (stream, source);
            Read(cancel);
        }

        public OutputStream Stream { get; }

        public byte[] Buffer { get; } = new byte[BufferBytes];

        public Task<int> Reading { get; private set; } = Task.FromResult(0);

        /// <summary>Whether there is more to read, though no read of it may have completed yet.</summary>
        public bool HasUnread => UnreadBytes.AreIn(source) || Reading.IsCompleted;

        public void Read(CancellationToken cancel) => Reading = source.ReadAsync(Buffer, cancel).AsTask();
    }
}
