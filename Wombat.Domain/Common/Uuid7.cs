using System.Buffers.Binary;

namespace Wombat.Domain.Common;

/// <summary>
/// Ids in the order of their time: UUIDs of version 7 (RFC 9562) whose twelve bits behind the millisecond hold its fraction,
/// as PostgreSQL's own have. The framework's leave those to chance, and then two rows of one millisecond are listed in any order.
/// </summary>
public static class Uuid7
{
    private const int FractionBits = 12;
    private const ushort Version = 7 << FractionBits;

    /// <param name="at">Not before 1970; told apart to the microsecond.</param>
    public static Guid At(DateTimeOffset at)
    {
        Span<byte> id = stackalloc byte[16];

        // A random UUID has the variant's bits where one of version 7 has them.
        Guid.NewGuid().TryWriteBytes(id, bigEndian: true, out _);
        var fraction = at.UtcTicks % TimeSpan.TicksPerMillisecond * (1 << FractionBits) / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)at.ToUnixTimeMilliseconds() << 16) | Version | (uint)fraction);
        return new Guid(id, bigEndian: true);
    }
}
