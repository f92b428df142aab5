using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Jobs;

namespace Wombat.Infrastructure.Jobs;

/// <summary>
/// Gathers lines into blocks. An idle writer stores at once; while a block is being stored the next one gathers, so
/// slow output is seen in milliseconds and fast output travels in large blocks. Too fast output waits in
/// <see cref="WriteAsync"/>. What a program prints beyond <paramref name="maxBytes"/> is dropped, and a line says so; Wombat's own lines,
/// which are few, are always kept.
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
    private const int BufferBytes = 4 * BlockBytes;
    private const int MaxLineChars = 16 * 1024;

    // The JSON around a line, roughly.
    private const int LineOverhead = 90;
    private const int EscapedBytes = 6;

    // A program that prints on and on is slowed down also when nothing of it is stored any more.
    private const int DroppedPerSecond = 8 * 1024 * 1024;
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly Lock gate = new();
    private readonly Queue<(DateTimeOffset At, LogStream Stream, string Text)> gathered = new();
    private readonly SemaphoreSlim room = new(0);
    private int gatheredBytes;
    private int waitingForRoom;
    private long lastNumber = -1;
    private long totalBytes;
    private int droppedBytes;
    private bool isFull;
    private Task writing = Task.CompletedTask;
    private Exception? broken;

    public bool Used => lastNumber >= 0;

    public async ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System)
    {
        foreach (var line in Lines(text))
        {
            await WriteLineAsync(line, stream, cancel);
        }
    }

    /// <summary>Returns when all that was written is stored.</summary>
    /// <exception cref="LeaseLostException">Another worker has the job; nothing more may be written.</exception>
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

    private async ValueTask WriteLineAsync(string line, LogStream stream, CancellationToken cancel)
    {
        while (true)
        {
            lock (gate)
            {
                ThrowIfBroken();
                if (stream != LogStream.System && isFull)
                {
                    droppedBytes += Weigh(line);
                    break;
                }

                if (gatheredBytes < BufferBytes)
                {
                    Gather(line, stream);
                    if (writing.IsCompleted)
                    {
                        writing = Task.Run(StoreAsync, CancellationToken.None);
                    }

                    return;
                }

                waitingForRoom++;
            }

            await room.WaitAsync(cancel);
        }

        if (droppedBytes >= DroppedPerSecond)
        {
            droppedBytes = 0;
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancel);
        }
    }

    private void Gather(string line, LogStream stream)
    {
        if (stream != LogStream.System && totalBytes + Weigh(line) > maxBytes)
        {
            isFull = true;
            (line, stream) = ($"the log is cut here: a job's log holds {maxBytes / 1024 / 1024} MiB of output", LogStream.System);
        }

        gathered.Enqueue((clock.GetUtcNow(), stream, line));
        gatheredBytes += Weigh(line);
        totalBytes += Weigh(line);
    }

    private async Task StoreAsync()
    {
        try
        {
            if (lastNumber < 0)
            {
                var (last, bytes) = await DatabaseRetryPolicy.Run(cancel => store.MeasureAsync(job.Id, cancel));
                lastNumber = last;
                lock (gate)
                {
                    // An attempt that filled the log has said so.
                    totalBytes += bytes;
                    isFull |= bytes >= maxBytes;
                }
            }

            while (NextBlock() is { } block)
            {
                if (!await DatabaseRetryPolicy.Run(cancel => store.AppendAsync(job, worker, block, cancel)))
                {
                    throw new LeaseLostException();
                }

                lastNumber = block.LastNumber;
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

    /// <summary>The next block, or null when all is stored; then, still under the lock, the writer is idle again.</summary>
    private LogBlock? NextBlock()
    {
        var lines = new List<(DateTimeOffset At, LogStream Stream, string Text)>();
        lock (gate)
        {
            var bytes = 0;
            while (gathered.TryPeek(out var next) && (lines.Count == 0 || bytes + Weigh(next.Text) <= BlockBytes))
            {
                lines.Add(gathered.Dequeue());
                bytes += Weigh(next.Text);
            }

            gatheredBytes -= bytes;
            LetWaitersTryAgain();
            if (lines.Count == 0)
            {
                writing = Task.CompletedTask;
                return null;
            }
        }

        return Render(lines);
    }

    private LogBlock Render(List<(DateTimeOffset At, LogStream Stream, string Text)> lines)
    {
        var buffer = new ArrayBufferWriter<byte>(BlockBytes + 4096);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartArray();
            var number = lastNumber;
            foreach (var (at, stream, text) in lines)
            {
                json.WriteStartObject();
                json.WriteNumber("number"u8, ++number);
                json.WritePropertyName("at"u8);
                UtcConverter.Write(json, at);
                json.WriteString(
                    "stream"u8,
                    stream switch
                    {
                        LogStream.Stdout => "stdout"u8,
                        LogStream.Stderr => "stderr"u8,
                        _ => "system"u8,
                    }
                );
                json.WriteString("text"u8, text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return new LogBlock(lastNumber + 1, lines.Count, Encoding.UTF8.GetString(buffer.WrittenSpan));
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

    // The bytes of the line's JSON: blocks, and what readers hold of them, are bounded by bytes and not by characters.
    private static int Weigh(string line)
    {
        var bytes = LineOverhead;
        foreach (var c in line)
        {
            bytes +=
                c is < ' ' or '\u007f' || char.IsSurrogate(c) ? EscapedBytes
                : c is '"' or '\\' ? 2
                : c < 0x80 ? 1
                : c < 0x800 ? 2
                : 3;
        }

        return bytes;
    }

    private static IEnumerable<string> Lines(string text)
    {
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            while (line.Length > MaxLineChars)
            {
                var cut = char.IsHighSurrogate(line[MaxLineChars - 1]) ? MaxLineChars - 1 : MaxLineChars;
                yield return line[..cut];
                line = line[cut..];
            }

            yield return line;
        }
    }
}
