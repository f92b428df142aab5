using System.Buffers.Binary;
using System.Security.Cryptography;
using Npgsql;
using Wombat.Application.Audit;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Computes the chain anew from the events as they are, block by block, and compares: each link with the one stored, each
/// signed head with the link at its position, the last link with what the sequencer gave last.
/// </summary>
public sealed class AuditVerifier(NpgsqlDataSource database, AuditKey key) : IAuditVerifier
{
    private const int BlockSize = 20_000;

    private const string Links = """
        select p.position, p.event_id, p.hash, case when e.id is not null then event_digest(e) end
        from event_positions p left join events e on e.id = p.event_id where p.position > $1 order by p.position limit $2
        """;

    public async Task<AuditVerification> VerifyAsync(CancellationToken cancel)
    {
        // Both are read before the links: what comes meanwhile is walked too, and what goes missing is missed.
        var (floor, last) = await SequencerAsync(cancel);
        var heads = await HeadsAsync(floor.Position, cancel);
        var walk = new Walk(floor.Position, floor.Hash, heads);
        var broken = floor.Problem is null ? null : new BrokenLink(floor.Position, null, floor.Problem);
        while (broken is null)
        {
            var before = walk.Position;
            broken = await BlockAsync(walk, cancel);
            if (walk.Position - before < BlockSize)
            {
                break;
            }
        }

        broken ??= walk.Position < last ? new BrokenLink(walk.Position + 1, null, "This position was given and is gone.")
            : heads.Where(h => h.Key > walk.Position).Select(h => new BrokenLink(h.Key, null, "A signed head names this position, and it is gone.")).FirstOrDefault();
        return new AuditVerification(broken is null, walk.Position - floor.Position, floor.Position + 1, walk.Position, heads.Count, broken);
    }

    private async Task<BrokenLink?> BlockAsync(Walk walk, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Links);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = walk.Position });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BlockSize });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (position, id) = (reader.GetInt64(0), reader.GetGuid(1));
            if (walk.Next(position, reader.GetFieldValue<byte[]>(2), await reader.IsDBNullAsync(3, cancel) ? null : reader.GetFieldValue<byte[]>(3), Holds) is { } problem)
            {
                return new BrokenLink(Math.Min(position, walk.Position + 1), position == walk.Position + 1 ? id : null, problem);
            }
        }

        return null;
    }

    private string? Holds(StoredHead head, byte[] hash) =>
        head.KeyId != key.Id ? $"The head of {head.Head.Day} is signed by another key ({head.KeyId}); this one is {key.Id}."
        : !key.Verify(head.Head, head.Signature) ? $"The signature of the head of {head.Head.Day} does not hold."
        : !head.Head.Hash.AsSpan().SequenceEqual(hash) ? $"The head signed on {head.Head.Day} is not what the events add up to: they were rewritten."
        : null;

    private async Task<(Floor Floor, long Last)> SequencerAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select floor_position, floor_hash, floor_key, floor_signature, position from event_sequencer");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var (position, hash) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
        var problem = position == 0 ? null
            : await reader.IsDBNullAsync(3, cancel) || reader.GetString(2) != key.Id || !key.Verify(new AuditHead("floor", "", position, hash), reader.GetFieldValue<byte[]>(3))
                ? "What was dropped below this position is not signed for by this key."
            : null;
        return (new Floor(position, hash, problem), reader.GetInt64(4));
    }

    private async Task<SortedDictionary<long, StoredHead>> HeadsAsync(long floor, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select position, hash, key_id, signature, to_char(day, 'YYYY-MM-DD') from audit_heads where position > $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floor });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var heads = new SortedDictionary<long, StoredHead>();
        while (await reader.ReadAsync(cancel))
        {
            heads[reader.GetInt64(0)] = new StoredHead(new AuditHead("day", reader.GetString(4), reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)), reader.GetString(2), reader.GetFieldValue<byte[]>(3));
        }

        return heads;
    }

    private sealed record Floor(long Position, byte[] Hash, string? Problem);

    private sealed record StoredHead(AuditHead Head, string KeyId, byte[] Signature);

    private sealed class Walk(long floor, byte[] hash, SortedDictionary<long, StoredHead> heads)
    {
        private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] place = new byte[8];
        private byte[] hash = hash;

        public long Position { get; private set; } = floor;

        public string? Next(long position, byte[] stored, byte[]? digest, Func<StoredHead, byte[], string?> holds)
        {
            if (position != Position + 1)
            {
                return "This position is missing.";
            }

            if (digest is null)
            {
                return "The event at this position is missing.";
            }

            BinaryPrimitives.WriteInt64BigEndian(place, position);
            sha.AppendData(hash);
            sha.AppendData(place);
            sha.AppendData(digest);
            var computed = sha.GetHashAndReset();
            if (!computed.AsSpan().SequenceEqual(stored))
            {
                return "The event at this position is not what was chained: it, or the chain before it, was rewritten.";
            }

            if (heads.TryGetValue(position, out var head) && holds(head, computed) is { } problem)
            {
                return problem;
            }

            (hash, Position) = (computed, position);
            return null;
        }
    }
}
