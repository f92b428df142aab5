using Npgsql;
using Wombat.Application.Audit;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Recomputes the hash chain from the events in batches and compares each hash with the stored one, each signed head with the hash at
/// its position and with the previous head, the last position with the sequencer's, and the last head with the file next to the key
/// and with the days that have events.
/// </summary>
public sealed class AuditVerifier(NpgsqlDataSource database, AuditKey key, AuditHeads stored, TimeProvider clock) : IAuditVerifier
{
    private const int BatchSize = 20_000;

    // The leader signs a day's head within a minute after its first event.
    private static readonly TimeSpan SigningGracePeriod = TimeSpan.FromMinutes(10);

    public async Task<AuditVerification> VerifyAsync(CancellationToken cancel)
    {
        // Read before the chain: events that are added meanwhile are verified too, and removed ones are detected.
        var (floor, last) = await ReadSequencerAsync(cancel);
        var all = await stored.AllAsync(cancel);
        var heads = all.Where(h => h.Head.Position > floor.Position).ToLookup(h => h.Head.Position);
        var walk = new ChainWalk(floor.Position, floor.Hash, heads);
        var broken = floor.Problem is null ? null : new BrokenLink(floor.Position, null, floor.Problem);
        while (broken is null)
        {
            var before = walk.Position;
            broken = await VerifyBatchAsync(walk, cancel);
            if (walk.Position - before < BatchSize)
            {
                break;
            }
        }

        broken ??=
            walk.Position < last
                ? new BrokenLink(walk.Position + 1, null, "This position was assigned but is missing.")
                : heads
                    .Where(h => h.Key > walk.Position)
                    .Select(h => new BrokenLink(h.Key, null, "A signed head refers to this position, but the position is missing."))
                    .FirstOrDefault()
                    ?? CheckHeadChain(all)
                    ?? CheckHeadFile(all)
                    ?? CheckLastDay(walk, all);
        return new AuditVerification(
            broken is null,
            walk.Position - floor.Position,
            floor.Position + 1,
            walk.Position,
            heads.Sum(h => h.Count()),
            broken
        );
    }

    // The numbers must have no gap, and each head must be signed and contain the digest of the previous one.
    private BrokenLink? CheckHeadChain(List<StoredHead> all)
    {
        StoredHead? before = null;
        foreach (var one in all)
        {
            var number = (before?.Head.Number ?? 0) + 1;
            var problem =
                CheckSignature(one)
                ?? (
                    one.Head.Number != number ? $"The signed head {number} is missing; the next one is {one.Head.Number} of {one.Head.Day}."
                    : !one.Head.Previous.AsSpan().SequenceEqual(before?.Digest() ?? [])
                        ? $"The head of {one.Head.Day} does not contain the digest of the previous head: the previous head was replaced."
                    : null
                );
            if (problem is not null)
            {
                return new BrokenLink(one.Head.Position, null, problem);
            }

            before = one;
        }

        return null;
    }

    private BrokenLink? CheckHeadFile(List<StoredHead> all)
    {
        var last = all.Count > 0 ? all[^1].Head : null;
        return stored.Remembered() is not { } known ? null
            : all.Find(h => h.Head.Number == known.Number) is not { } same
                ? new BrokenLink(
                    last?.Position ?? 1,
                    null,
                    $"The head {known.Number} was signed here but is missing; the last one is {last?.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}."
                )
            : AuditHeads.DigestOf(same) != known.Digest
                ? new BrokenLink(same.Head.Position, null, $"The head {known.Number} differs from the one that was signed here.")
            : null;
    }

    // If the last heads could be removed without notice, the end of the chain could be rewritten.
    private BrokenLink? CheckLastDay(ChainWalk walk, List<StoredHead> all)
    {
        var now = clock.GetUtcNow();
        if (
            walk.LastDay is not { } day
            || all.Exists(h =>
                string.CompareOrdinal(h.Head.Day, day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)) >= 0
            )
        )
        {
            return null;
        }

        return day < DateOnly.FromDateTime(now.UtcDateTime) || now - walk.FirstOfLastDay > SigningGracePeriod
            ? new BrokenLink(walk.Position, null, $"{day:yyyy-MM-dd} has events, but neither this day nor a later one has a signed head.")
            : null;
    }

    private async Task<BrokenLink?> VerifyBatchAsync(ChainWalk walk, CancellationToken cancel)
    {
        var links = await database.QueryAsync(
            $"""
            select p.position, p.event_id, p.hash, case when e.id is not null then event_digest(e) end
            from event_positions p left join events e on e.id = p.event_id
            where p.position > {walk.Position} order by p.position limit {BatchSize}
            """,
            r => (Position: r.GetInt64(0), EventId: r.GetGuid(1), Hash: r.GetFieldValue<byte[]>(2), Digest: r.ValueOrDefault<byte[]>(3)),
            cancel
        );
        foreach (var (position, id, hash, digest) in links)
        {
            walk.NoteDay(id);
            if (walk.Next(position, hash, digest, CheckHead) is { } problem)
            {
                return new BrokenLink(Math.Min(position, walk.Position + 1), position == walk.Position + 1 ? id : null, problem);
            }
        }

        return null;
    }

    private string? CheckHead(StoredHead head, byte[] hash) =>
        CheckSignature(head)
        ?? (
            !head.Head.Hash.AsSpan().SequenceEqual(hash)
                ? $"The head of {head.Head.Day} does not match the hash of the events: the events were changed."
                : null
        );

    private string? CheckSignature(StoredHead head) =>
        head.KeyId != key.Id ? $"The head of {head.Head.Day} is signed with another key ({head.KeyId}); the current key is {key.Id}."
        : !key.Verify(head.Head, head.Signature) ? $"The signature of the head of {head.Head.Day} is invalid."
        : null;

    private async Task<(Floor Floor, long Last)> ReadSequencerAsync(CancellationToken cancel)
    {
        var rows = await database.QueryAsync(
            $"select floor_position, floor_hash, floor_key, floor_signature, position from event_sequencer",
            r =>
                (
                    Head: new AuditHead("floor", "", r.GetInt64(0), r.GetFieldValue<byte[]>(1)),
                    KeyId: r.ValueOrDefault<string>(2),
                    Signature: r.ValueOrDefault<byte[]>(3),
                    Last: r.GetInt64(4)
                ),
            cancel
        );
        var (head, keyId, signature, last) = rows[0];
        var isSigned = head.Position == 0 || signature is not null && keyId == key.Id && key.Verify(head, signature);
        return (new Floor(head.Position, head.Hash, isSigned ? null : "The floor at this position is not signed with this key."), last);
    }

    private sealed record Floor(long Position, byte[] Hash, string? Problem);
}
