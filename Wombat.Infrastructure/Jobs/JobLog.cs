using System.Text;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Collects lines in blocks and stores them. An idle writer stores at once; while blocks are being stored, the next ones collect, so that
/// slow output is visible within milliseconds and fast output is stored in large blocks. If output is too fast, <c>WriteAsync</c> waits.
/// Output of programs beyond <paramref name="maxBytes"/> is discarded, and a line says so; Wombat's own lines, which are few, are always
/// stored.
/// </summary>
internal sealed class JobLog(
    JobLogStore store,
    INotificationBus notifications,
    TimeProvider clock,
    ClaimedJob job,
    Guid worker,
    long maxBytes
) : IJobLog
{
    private const int BlockBytes = 64 * 1024;
    private const int BlocksAtOnce = 8;
    private const int BufferBytes = 2 * BlocksAtOnce * BlockBytes;
    private const int MaxLineBytes = 16 * 1024;
    private const int SmallBlockBytes = 1024;

    // Also limits the speed of a program whose output is no longer stored.
    private const int DroppedPerSecond = 8 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<LogBlockBuilder> gathered = new();
    private readonly SemaphoreSlim room = new(0);
    private readonly SecretMask mask = new();
    private LogBlockBuilder open = new(SmallBlockBytes);
    private int gatheredBytes;
    private int waitingForRoom;
    private long lastNumber = -1;
    private long totalBytes;
    private int droppedBytes;
    private bool isFull;
    private Task writing = Task.CompletedTask;
    private Exception? broken;

    public bool Used => lastNumber >= 0;

    public bool IsFull => Volatile.Read(ref isFull);

    public void AddSecret(string secret)
    {
        lock (gate)
        {
            mask.Add(secret);
        }
    }

    /// <summary>Replaces the registered secrets in a text.</summary>
    public string Mask(string text)
    {
        lock (gate)
        {
            return mask.Apply(text);
        }
    }

    public async ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System)
    {
        foreach (var line in text.Split('\n'))
        {
            var rest = Encoding.UTF8.GetBytes(line.TrimEnd('\r')).AsMemory();
            for (; rest.Length > MaxLineBytes; rest = rest[MaxLineBytes..])
            {
                await WriteAsync(new LogEntry(stream, rest[..MaxLineBytes], IsPartial: true), cancel);
            }

            await WriteAsync(new LogEntry(stream, rest), cancel);
        }
    }

    public ValueTask WriteAsync(LogEntry entry, CancellationToken cancel)
    {
        lock (gate)
        {
            if (mask.Apply(entry) is not { } masked || TryGather(masked))
            {
                return ValueTask.CompletedTask;
            }

            // Copies the text: the caller's is valid until its call returns, the mask's until the next call.
            entry = masked with
            {
                Text = masked.Text.ToArray(),
            };
            waitingForRoom += isFull ? 0 : 1;
        }

        return WaitAsync(entry, cancel);
    }

    /// <summary>Waits until all written lines are stored.</summary>
    /// <exception cref="LeaseLostException">Another worker holds the job; nothing more may be written.</exception>
    public async Task FlushAsync()
    {
        Task running;
        lock (gate)
        {
            running = writing;
        }

        await running;
        ThrowIfBroken();
    }

    private async ValueTask WaitAsync(LogEntry entry, CancellationToken cancel)
    {
        while (true)
        {
            if (isFull && entry.Stream != LogStream.System)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancel);
                return;
            }

            await room.WaitAsync(cancel);
            lock (gate)
            {
                if (TryGather(entry))
                {
                    return;
                }

                waitingForRoom += isFull ? 0 : 1;
            }
        }
    }

    /// <summary>Returns false if the buffer is full, or if so much was discarded that the program must wait.</summary>
    private bool TryGather(LogEntry entry)
    {
        ThrowIfBroken();
        if (isFull && entry.Stream != LogStream.System)
        {
            droppedBytes += WeightOf(entry);
            if (droppedBytes < DroppedPerSecond)
            {
                return true;
            }

            droppedBytes = 0;
            return false;
        }

        if (gatheredBytes >= BufferBytes)
        {
            return false;
        }

        Gather(entry);
        if (writing.IsCompleted)
        {
            writing = Task.Run(StoreAsync, CancellationToken.None);
        }

        return true;
    }

    private void Gather(LogEntry entry)
    {
        if (entry.Stream != LogStream.System && totalBytes + WeightOf(entry) > maxBytes)
        {
            isFull = true;
            entry = new LogEntry(
                LogStream.System,
                Encoding.UTF8.GetBytes($"the log is cut here: a job's log holds {maxBytes / 1024 / 1024} MiB of output")
            );
        }

        if (open.Count > 0 && open.Size + WeightOf(entry) > BlockBytes)
        {
            gathered.Enqueue(open);
            open = new LogBlockBuilder(BlockBytes);
        }

        open.Add(clock.GetUtcNow(), entry);
        gatheredBytes += WeightOf(entry);
        totalBytes += WeightOf(entry);
    }

    private async Task StoreAsync()
    {
        try
        {
            if (lastNumber < 0)
            {
                await MeasureAsync();
            }

            while (NextBlocks() is { Count: > 0 } blocks)
            {
                if (!await DatabaseRetryPolicy.Run(cancel => store.AppendAsync(job, worker, blocks, cancel)))
                {
                    throw new LeaseLostException();
                }

                lastNumber = blocks[^1].LastNumber;
                notifications.Publish(Topics.Log(job.Id));
            }
        }
        catch (Exception e)
        {
            lock (gate)
            {
                broken = e;
                writing = Task.CompletedTask;
                LetWaitersTryAgain();
            }
        }
    }

    private async Task MeasureAsync()
    {
        var (last, bytes) = await DatabaseRetryPolicy.Run(cancel => store.MeasureAsync(job.Id, cancel));
        lastNumber = last;
        lock (gate)
        {
            // The attempt that reached the limit has written the line about it.
            totalBytes += bytes;
            isFull |= bytes >= maxBytes;
        }
    }

    /// <summary>Returns the next blocks. If there are none, the writer becomes idle under the same lock.</summary>
    private List<LogBlock> NextBlocks()
    {
        lock (gate)
        {
            if (gathered.Count == 0 && open.Count > 0)
            {
                gathered.Enqueue(open);
                open = new LogBlockBuilder(Math.Min(2 * open.Size, BlockBytes));
            }

            var blocks = new List<LogBlock>();
            for (var next = lastNumber + 1; blocks.Count < BlocksAtOnce && gathered.TryDequeue(out var builder); next += builder.Count)
            {
                blocks.Add(builder.Build(next));
                gatheredBytes -= builder.Size;
            }

            LetWaitersTryAgain();
            if (blocks.Count == 0)
            {
                writing = Task.CompletedTask;
            }

            return blocks;
        }
    }

    private void LetWaitersTryAgain()
    {
        if (waitingForRoom > 0)
        {
            room.Release(waitingForRoom);
            waitingForRoom = 0;
        }
    }

    private void ThrowIfBroken()
    {
        if (broken is LeaseLostException)
        {
            throw new LeaseLostException();
        }

        if (broken is not null)
        {
            throw new InvalidOperationException("The job's log cannot be written.", broken);
        }
    }

    private static int WeightOf(LogEntry entry) => entry.Text.Length + 1 + LogBlock.LineOverhead;
}
