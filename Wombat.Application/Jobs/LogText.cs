using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Wombat.Application.Jobs;

/// <summary>
/// Converts the bytes of log lines to text that PostgreSQL can store. PostgreSQL rejects invalid UTF-8 and NUL, so each such byte is stored
/// as a private-use character, U+10FF00 plus the byte. The bytes of such a character in the input are stored in the same way, so that
/// nothing is lost.
/// </summary>
public static class LogText
{
    private const int Base = 0x10FF00;

    // The first byte of the characters from U+100000. It is rare, so its absence shows that a text has no private-use characters.
    private const byte Marker = 0xF4;

    private static readonly SearchValues<byte> Special = SearchValues.Create([0, Marker]);

    /// <summary>Appends a line to the text.</summary>
    public static void Encode(ReadOnlySpan<byte> line, IBufferWriter<byte> text)
    {
        if (!line.ContainsAny(Special) && Utf8.IsValid(line))
        {
            text.Write(line);
            return;
        }

        Span<byte> encoded = stackalloc byte[4];
        while (!line.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(line, out var rune, out var size) == OperationStatus.Done;
            if (isValid && rune.Value is not 0 and < Base)
            {
                text.Write(line[..size]);
            }
            else
            {
                foreach (var one in line[..size])
                {
                    text.Write(encoded[..new Rune(Base + one).EncodeToUtf8(encoded)]);
                }
            }

            line = line[size..];
        }
    }

    /// <summary>The original bytes of a stored line.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> line)
    {
        if (!line.Contains(Marker))
        {
            return line.ToArray();
        }

        var bytes = new ArrayBufferWriter<byte>(line.Length);
        while (!line.IsEmpty)
        {
            Rune.DecodeFromUtf8(line, out var rune, out var size);
            bytes.Write(rune.Value >= Base ? [(byte)(rune.Value - Base)] : line[..size]);
            line = line[size..];
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A stored line for display, with U+FFFD for invalid UTF-8.</summary>
    public static string Show(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line.Contains(Marker) ? Decode(line) : line);

    /// <summary>Whether the stored text has no private-use characters.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> line) => !line.Contains(Marker);
}
