using System.Buffers;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Collects the lines of a block. The metadata are runs, each of lines of one stream that were written in the same millisecond: the number
/// of lines, a byte for stream and flags, and the milliseconds since the previous run. Numbers have seven bits per byte, lowest bits first.
/// </summary>
public sealed class LogBlockBuilder
{
    private const int StreamBits = 3;
    private const int PartialBit = 4;
    private const int ReplacesBit = 8;
    private const byte MoreBit = 0x80;

    private readonly ArrayBufferWriter<byte> text;
    private readonly ArrayBufferWriter<byte> metadata = new(256);
    private DateTimeOffset startedAt;
    private (int Count, byte Kind, long At) run;
    private long lastRunAt;

    /// <param name="bytes">The expected size.</param>
    public LogBlockBuilder(int bytes) => text = new ArrayBufferWriter<byte>(bytes);

    public int Count { get; private set; }

    /// <summary>The size in bytes, as limits count it.</summary>
    public int Size => text.WrittenCount + (Count * LogBlock.LineOverhead);

    public void Add(DateTimeOffset at, LogEntry entry)
    {
        startedAt = Count == 0 ? at : startedAt;
        var kind = (byte)((int)entry.Stream | (entry.IsPartial ? PartialBit : 0) | (entry.Replaces ? ReplacesBit : 0));

        // The clock may have been set back.
        var milliseconds = Math.Max(run.At, (long)(at - startedAt).TotalMilliseconds);
        if (run.Count == 0 || run.Kind != kind || run.At != milliseconds)
        {
            EndRun();
            run = (0, kind, milliseconds);
        }

        run.Count++;
        Count++;
        LogText.Encode(entry.Text.Span, text);
        text.Write("\n"u8);
    }

    public LogBlock Build(long firstNumber)
    {
        EndRun();
        run.Count = 0;
        return new LogBlock(firstNumber, Count, startedAt, text.WrittenMemory, metadata.WrittenMemory);
    }

    internal static LogEntry EntryOf(byte kind, ReadOnlyMemory<byte> text) =>
        new(StreamOf(kind), text, (kind & PartialBit) != 0, (kind & ReplacesBit) != 0);

    internal static LogStream StreamOf(byte kind) => (LogStream)(kind & StreamBits);

    internal static long ReadNumber(ReadOnlySpan<byte> source, ref int position)
    {
        long number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = source[position++];
            number |= (long)(next & ~MoreBit) << shift;
            if (next < MoreBit)
            {
                return number;
            }
        }
    }

    private void EndRun()
    {
        if (run.Count > 0)
        {
            WriteNumber(run.Count);
            metadata.Write([run.Kind]);
            WriteNumber(run.At - lastRunAt);
            lastRunAt = run.At;
        }
    }

    private void WriteNumber(long number)
    {
        for (; number >= MoreBit; number >>= 7)
        {
            metadata.Write([(byte)(number | MoreBit)]);
        }

        metadata.Write([(byte)number]);
    }
}
