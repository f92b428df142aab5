using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Lines that are stored together. The text, in which each line ends with a line feed, is separate from the metadata, so that it can be
/// searched and compressed.
/// </summary>
/// <param name="firstNumber">The number of the first line.</param>
/// <param name="count">The number of lines.</param>
/// <param name="startedAt">When the first line was written.</param>
/// <param name="text">The lines as <see cref="LogText"/>.</param>
/// <param name="metadata">The metadata as written by <see cref="LogBlockBuilder"/>.</param>
public sealed class LogBlock(
    long firstNumber,
    int count,
    DateTimeOffset startedAt,
    ReadOnlyMemory<byte> text,
    ReadOnlyMemory<byte> metadata
)
{
    /// <summary>The bytes that a line counts in limits besides its text.</summary>
    public const int LineOverhead = 32;

    private const int JsonOfLine = 85;
    private const int JsonOfEscape = 5;
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private byte[]? json;

    public long FirstNumber => firstNumber;

    public int Count => count;

    public long LastNumber => firstNumber + count - 1;

    public DateTimeOffset StartedAt => startedAt;

    public ReadOnlyMemory<byte> Text => text;

    public ReadOnlyMemory<byte> Metadata => metadata;

    /// <summary>The approximate size of the JSON of its lines, in bytes.</summary>
    public int JsonSize
    {
        get
        {
            var escapes = 0;
            foreach (var one in text.Span)
            {
                escapes += one is < (byte)' ' or 0x7F ? 1 : 0;
            }

            return text.Length + (count * JsonOfLine) + ((escapes - count) * JsonOfEscape);
        }
    }

    /// <summary>The lines after a number.</summary>
    public IEnumerable<LogLine> Lines(long after = 0) =>
        Entries(after)
            .Select(e => new LogLine(e.Number, e.At, e.Entry.Stream, LogText.Show(e.Entry.Text.Span), e.Entry.IsPartial, e.Entry.Replaces));

    /// <summary>A JSON array of the lines after a number. The array of all lines is created once.</summary>
    public ReadOnlyMemory<byte> ToJson(long after = 0) => after < firstNumber ? json ??= Render(0) : Render(after);

    /// <summary>The lines as blocks, each of those that were written on one stream in the same millisecond.</summary>
    public IEnumerable<LogBlock> Moments()
    {
        var (number, from, position, at) = (firstNumber, 0, 0, startedAt);
        while (position < metadata.Length)
        {
            var start = position;
            var lines = (int)LogBlockBuilder.ReadNumber(metadata.Span, ref position);
            byte[] run = [.. metadata.Span[start..++position], 0];
            at += TimeSpan.FromMilliseconds(LogBlockBuilder.ReadNumber(metadata.Span, ref position));
            var end = from;
            for (var line = 0; line < lines; line++)
            {
                end += text.Span[end..].IndexOf((byte)'\n') + 1;
            }

            yield return new LogBlock(number, lines, at, text[from..end], run);
            (number, from) = (number + lines, end);
        }
    }

    /// <summary>When and on which stream each line was written.</summary>
    internal IEnumerable<(DateTimeOffset At, LogStream Stream)> Heads() => Runs().Select(r => (r.At, LogBlockBuilder.StreamOf(r.Kind)));

    private IEnumerable<(long Number, DateTimeOffset At, LogEntry Entry)> Entries(long after)
    {
        var (number, from) = (firstNumber, 0);
        foreach (var (kind, at) in Runs())
        {
            var length = text.Span[from..].IndexOf((byte)'\n');
            if (number > after)
            {
                yield return (number, at, LogBlockBuilder.EntryOf(kind, text.Slice(from, length)));
            }

            from += length + 1;
            number++;
        }
    }

    private IEnumerable<(byte Kind, DateTimeOffset At)> Runs()
    {
        var (position, left, kind, at) = (0, 0, (byte)0, startedAt);
        for (var line = 0; line < count; line++)
        {
            if (left == 0)
            {
                left = (int)LogBlockBuilder.ReadNumber(metadata.Span, ref position);
                kind = metadata.Span[position++];
                at += TimeSpan.FromMilliseconds(LogBlockBuilder.ReadNumber(metadata.Span, ref position));
            }

            left--;
            yield return (kind, at);
        }
    }

    private byte[] Render(long after)
    {
        var buffer = new ArrayBufferWriter<byte>(text.Length + (count * JsonOfLine) + 2);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartArray();
            foreach (var (number, at, entry) in Entries(after))
            {
                Render(writer, number, at, entry);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // As the serializer writes a LogLine.
    private static void Render(Utf8JsonWriter writer, long number, DateTimeOffset at, LogEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("number"u8, number);
        writer.WritePropertyName("at"u8);
        UtcConverter.Write(writer, at);
        writer.WriteString(
            "stream"u8,
            entry.Stream switch
            {
                LogStream.Stdout => "stdout"u8,
                LogStream.Stderr => "stderr"u8,
                _ => "system"u8,
            }
        );
        if (LogText.IsPlain(entry.Text.Span))
        {
            writer.WriteString("text"u8, entry.Text.Span);
        }
        else
        {
            writer.WriteString("text"u8, LogText.Show(entry.Text.Span));
        }

        if (entry.IsPartial)
        {
            writer.WriteBoolean("partial"u8, value: true);
        }

        if (entry.Replaces)
        {
            writer.WriteBoolean("replaces"u8, value: true);
        }

        writer.WriteEndObject();
    }
}
