using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wombat.Infrastructure.Audit;

/// <summary>Computes the hash chain again, event by event, and compares it with what is stored.</summary>
internal sealed class ChainWalk(long floor, byte[] hash, ILookup<long, StoredHead> heads)
{
    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] positionBytes = new byte[8];
    private byte[] hash = hash;

    public long Position { get; private set; } = floor;

    /// <summary>The day of the newest event, taken from its id.</summary>
    public DateOnly? LastDay { get; private set; }

    public DateTimeOffset FirstOfLastDay { get; private set; }

    /// <summary>Notes the day of an event. Its id is a UUID v7, which starts with the creation time in milliseconds.</summary>
    public void NoteDay(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        if (LastDay is null || day > LastDay || day == LastDay && at < FirstOfLastDay)
        {
            (LastDay, FirstOfLastDay) = (day, at);
        }
    }

    public string? Next(long position, byte[] stored, byte[]? digest, Func<StoredHead, byte[], string?> checkHead)
    {
        if (position != Position + 1)
        {
            return "This position is missing.";
        }

        if (digest is null)
        {
            return "The event at this position is missing.";
        }

        BinaryPrimitives.WriteInt64BigEndian(positionBytes, position);
        sha.AppendData(hash);
        sha.AppendData(positionBytes);
        sha.AppendData(digest);
        var computed = sha.GetHashAndReset();
        if (!computed.AsSpan().SequenceEqual(stored))
        {
            return "The event at this position does not match the chain: the event or the chain before it was changed.";
        }

        foreach (var head in heads[position])
        {
            if (checkHead(head, computed) is { } problem)
            {
                return problem;
            }
        }

        (hash, Position) = (computed, position);
        return null;
    }
}
