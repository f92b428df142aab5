using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>
/// Reads that are asked for while one is under way gather and then go together, as one: alone a read goes at once, under load
/// one round trip serves many. None is answered with what was read before it was asked for. For short reads whose rows are
/// the same for all who may ask; that they may is decided before.
/// </summary>
/// <param name="laneOf">In one lane one read goes at a time; those of different lanes go beside each other.</param>
/// <param name="read">Reads what there is of the keys, in a scope of its own: who asked may be gone by then.</param>
internal sealed class ReadsTogether<TKey, TLane, TValue>(Func<TKey, TLane> laneOf, Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, TValue>>> read, TimeProvider clock)
    where TKey : notnull
    where TLane : notnull
    where TValue : class
{
    // A read that takes longer holds up nobody else: its connection may hang.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    // Two reads that time out one after the other would keep a caller for more than a minute.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    // What gathers behind the read that is under way in a lane; null while nothing does.
    private readonly Dictionary<TLane, Gathering?> lanes = [];
    private readonly Lock gate = new();

    /// <summary>Null where there is none.</summary>
    /// <exception cref="UnavailableException">Nothing was answered for ten seconds.</exception>
    public async Task<TValue?> ReadAsync(TKey key, CancellationToken cancel)
    {
        var lane = laneOf(key);
        Gathering? mine;
        bool isFirst, isNew;
        lock (gate)
        {
            isFirst = !lanes.TryGetValue(lane, out mine);
            isNew = mine is null;
            mine ??= new Gathering();
            mine.Keys.Add(key);
            lanes[lane] = isFirst ? null : mine;
        }

        if (isNew)
        {
            // It is for others as well, and not part of this request.
            using (ExecutionContext.SuppressFlow())
            {
                _ = isFirst ? ReadLaneAsync(lane, mine) : ReadWhenOverdueAsync(lane, mine);
            }
        }

        try
        {
            return (await mine.Found.Task.WaitAsync(Longest, clock, cancel)).GetValueOrDefault(key);
        }
        catch (TimeoutException)
        {
            throw new UnavailableException("database_unavailable", "The database does not answer. Try again soon.");
        }
    }

    private async Task ReadLaneAsync(TLane lane, Gathering? next)
    {
        while (next is not null)
        {
            await ReadAsync(next);
            lock (gate)
            {
                next = lanes[lane];
                if (next is null)
                {
                    lanes.Remove(lane);
                }
                else
                {
                    lanes[lane] = null;
                }
            }
        }
    }

    private async Task ReadWhenOverdueAsync(TLane lane, Gathering mine)
    {
        await Task.Delay(Patience, clock);
        lock (gate)
        {
            if (!lanes.TryGetValue(lane, out var waiting) || waiting != mine)
            {
                return;
            }

            lanes[lane] = null;
        }

        await ReadAsync(mine);
    }

    private async Task ReadAsync(Gathering gathering)
    {
        try
        {
            gathering.Found.SetResult(await read(gathering.Keys));
        }
        catch (Exception e)
        {
            gathering.Found.SetException(e);
        }
    }

    private sealed class Gathering
    {
        public HashSet<TKey> Keys { get; } = [];

        public TaskCompletionSource<IReadOnlyDictionary<TKey, TValue>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
