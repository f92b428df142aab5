using System.Buffers.Binary;

namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Writes several channels to one stream. A frame is its kind in one byte, the number of its bytes in four (big-endian), and the bytes.
/// One call at a time.
/// </summary>
public sealed class FrameWriter(Stream stream)
{
    private byte[] buffer = [];

    /// <summary>Writes the bytes as one frame or, if they are too many, as several.</summary>
    public async ValueTask WriteAsync(FrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        do
        {
            var part = bytes[..Math.Min(bytes.Length, FrameReader.MaxBytes)];
            await stream.WriteAsync(Encode(kind, part.Span, ref buffer), cancel);
            bytes = bytes[part.Length..];
        } while (!bytes.IsEmpty);

        await stream.FlushAsync(cancel);
    }

    /// <summary>Returns the frame.</summary>
    /// <param name="bytes">At most <see cref="FrameReader.MaxBytes"/>.</param>
    /// <param name="into">Is enlarged if necessary, and holds the frame.</param>
    public static ReadOnlyMemory<byte> Encode(FrameKind kind, ReadOnlySpan<byte> bytes, ref byte[] into)
    {
        var length = FrameReader.HeaderBytes + bytes.Length;
        if (into.Length < length)
        {
            into = new byte[Math.Max(length, 4096)];
        }

        into[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(into.AsSpan(1), bytes.Length);
        bytes.CopyTo(into.AsSpan(FrameReader.HeaderBytes));
        return into.AsMemory(0, length);
    }
}
