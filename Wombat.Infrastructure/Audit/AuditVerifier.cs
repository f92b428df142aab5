using Npgsql;
using Wombat.Application.Audit;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Computes the chain anew from the events as they are, block by block, and compares: each link with the one stored, each
/// signed head with the link at its position and with the head before it, the last link with what the sequencer gave last, the last
/// head with the file beside the key and with the days that have events.
/// </summary>
public sealed class AuditVerifier(NpgsqlDataSource database, AuditKey key, AuditHeads stored, TimeProvider clock) : IAuditVerifier
{
    private const int BlockSize = 20_000;

    // The leader signs a day's head within a minute of its first event.
    private static readonly TimeSpan TimeToSign = TimeSpan.FromMinutes(10);

    public async Task<AuditVerification> VerifyAsync(CancellationToken cancel)
    {
        // Both are read before the links: what comes meanwhile is walked too, and what goes missing is missed.
        var (floor, last) = await SequencerAsync(cancel);
        var all = await stored.AllAsync(cancel);
        var heads = all.Where(h => h.Head.Position > floor.Position).ToLookup(h => h.Head.Position);
        var walk = new ChainWalk(floor.Position, floor.Hash, heads);
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

        broken ??=
            walk.Position < last
                ? new BrokenLink(walk.Position + 1, null, "This position was given and is gone.")
                : heads
                    .Where(h => h.Key > walk.Position)
                    .Select(h => new BrokenLink(h.Key, null, "A signed head names this position, and it is gone."))
                    .FirstOrDefault()
                    ?? ChainOf(all)
                    ?? Forgotten(all)
                    ?? Unsigned(walk, all);
        return new AuditVerification(
            broken is null,
            walk.Position - floor.Position,
            floor.Position + 1,
            walk.Position,
            heads.Sum(h => h.Count()),
            broken
        );
    }

    // Numbers without a gap, each head signed and linked to the one before.
    private BrokenLink? ChainOf(List<StoredHead> all)
    {
        StoredHead? before = null;
        foreach (var one in all)
        {
            var number = (before?.Head.Number ?? 0) + 1;
            var problem =
                SignatureOf(one)
                ?? (
                    one.Head.Number != number
                        ? $"The signed head {number} is gone; the next one there is {one.Head.Number}, of {one.Head.Day}."
                    : !one.Head.Previous.AsSpan().SequenceEqual(before?.Digest() ?? [])
                        ? $"The head of {one.Head.Day} was signed behind another one than the one before it now: that one was replaced."
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

    private BrokenLink? Forgotten(List<StoredHead> all)
    {
        var last = all.Count > 0 ? all[^1].Head : null;
        return stored.Remembered() is not { } known ? null
            : all.Find(h => h.Head.Number == known.Number) is not { } same
                ? new BrokenLink(
                    last?.Position ?? 1,
                    null,
                    $"The head {known.Number} was signed here and is gone; the last one there is {last?.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}."
                )
            : AuditHeads.DigestOf(same) != known.Digest
                ? new BrokenLink(same.Head.Position, null, $"The head {known.Number} is not the one that was signed here.")
            : null;
    }

    // Without its last heads a chain could be rewritten up to its end.
    private BrokenLink? Unsigned(ChainWalk walk, List<StoredHead> all)
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

        return day < DateOnly.FromDateTime(now.UtcDateTime) || now - walk.FirstOfLastDay > TimeToSign
            ? new BrokenLink(walk.Position, null, $"{day:yyyy-MM-dd} has events, and neither that day nor a later one has a signed head.")
            : null;
    }

    private async Task<BrokenLink?> BlockAsync(ChainWalk walk, CancellationToken cancel)
    {
        var links = await database.QueryAsync(
            $"""
            select p.position, p.event_id, p.hash, case when e.id is not null then event_digest(e) end
            from event_positions p left join events e on e.id = p.event_id
            where p.position > {walk.Position} order by p.position limit {BlockSize}
            """,
            r => (Position: r.GetInt64(0), EventId: r.GetGuid(1), Hash: r.GetFieldValue<byte[]>(2), Digest: r.ValueOrDefault<byte[]>(3)),
            cancel
        );
        foreach (var (position, id, hash, digest) in links)
        {
            walk.See(id);
            if (walk.Next(position, hash, digest, Holds) is { } problem)
            {
                return new BrokenLink(Math.Min(position, walk.Position + 1), position == walk.Position + 1 ? id : null, problem);
            }
        }

        return null;
    }

    private string? Holds(StoredHead head, byte[] hash) =>
        SignatureOf(head)
        ?? (
            !head.Head.Hash.AsSpan().SequenceEqual(hash)
                ? $"The head signed on {head.Head.Day} is not what the events add up to: they were rewritten."
                : null
        );

    private string? SignatureOf(StoredHead head) =>
        head.KeyId != key.Id ? $"The head of {head.Head.Day} is signed by another key ({head.KeyId}); this one is {key.Id}."
        : !key.Verify(head.Head, head.Signature) ? $"The signature of the head of {head.Head.Day} does not hold."
        : null;

    private async Task<(Floor Floor, long Last)> SequencerAsync(CancellationToken cancel)
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
        return (
            new Floor(head.Position, head.Hash, isSigned ? null : "What was dropped below this position is not signed for by this key."),
            last
        );
    }

    private sealed record Floor(long Position, byte[] Hash, string? Problem);
}
