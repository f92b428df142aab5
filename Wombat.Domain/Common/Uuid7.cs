using System.Buffers.Binary;

namespace Wombat.Domain.Common;

/// <summary>
/// Creates time-ordered ids: UUIDs of version 7 (RFC 9562) whose 12 bits after the millisecond hold its fraction, as in PostgreSQL. In
/// those of .NET these bits are random, so ids of the same millisecond are not ordered.
/// </summary>
public static class Uuid7
{
    private const int FractionBits = 12;
    private const ushort Version = 7 << FractionBits;

    /// <param name="at">A time after 1970, with microsecond precision.</param>
    public static Guid At(DateTimeOffset at)
    {
        Span<byte> id = stackalloc byte[16];

        // A random UUID has the variant bits at the same place as a UUID of version 7.
        Guid.NewGuid().TryWriteBytes(id, bigEndian: true, out _);
        var fraction = at.UtcTicks % TimeSpan.TicksPerMillisecond * (1 << FractionBits) / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)at.ToUnixTimeMilliseconds() << 16) | Version | (uint)fraction);
        return new Guid(id, bigEndian: true);
    }
}
