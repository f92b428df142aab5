using System.Buffers.Binary;

namespace Wombat.Infrastructure.Processes;

/// <summary>Splits the bytes of a stream into the frames of <see cref="FrameWriter"/>.</summary>
/// <param name="onFrame">Receives each frame. Its bytes are valid until the call returns.</param>
public sealed class FrameReader(Func<FrameKind, ReadOnlyMemory<byte>, CancellationToken, ValueTask> onFrame)
{
    /// <summary>The most bytes of a frame.</summary>
    public const int MaxBytes = 64 * 1024;

    internal const int HeaderBytes = 5;

    private readonly byte[] frame = new byte[HeaderBytes + MaxBytes];
    private int length;

    /// <exception cref="InvalidDataException">The bytes are no frames.</exception>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty)
        {
            var end = length < HeaderBytes ? HeaderBytes : FrameEnd();
            var taken = Math.Min(end - length, bytes.Length);
            bytes[..taken].CopyTo(frame.AsMemory(length));
            length += taken;
            bytes = bytes[taken..];
            if (length >= HeaderBytes && length == FrameEnd())
            {
                var content = frame.AsMemory(HeaderBytes, length - HeaderBytes);
                length = 0;
                await onFrame((FrameKind)frame[0], content, cancel);
            }
        }
    }

    private int FrameEnd()
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(1));
        return size is >= 0 and <= MaxBytes && Enum.IsDefined((FrameKind)frame[0])
            ? HeaderBytes + size
            : throw new InvalidDataException("The data does not consist of frames.");
    }
}
