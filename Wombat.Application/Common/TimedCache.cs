using System.Collections.Concurrent;

namespace Wombat.Application.Common;

/// <summary>
/// Answers that may be trusted for a moment. What was asked before a <see cref="Clear"/> and comes after it is not kept,
/// so that after a change nobody reads what was true before it.
/// </summary>
/// <param name="trust">How long an answer is good for.</param>
public sealed class TimedCache<TKey, TValue>(TimeProvider clock, TimeSpan trust, int capacity)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, long At)> entries = new();
    private int generation;

    /// <summary>Take it before asking and hand it to <see cref="Keep"/>.</summary>
    public (int Generation, long At) Begin() => (Volatile.Read(ref generation), clock.GetTimestamp());

    public bool TryGet(TKey key, out TValue value)
    {
        var found = entries.TryGetValue(key, out var entry);
        value = entry.Value;
        return found && clock.GetElapsedTime(entry.At) < trust;
    }

    public void Keep(TKey key, TValue value, (int Generation, long At) begun)
    {
        if (entries.Count >= capacity)
        {
            entries.Clear();
        }

        entries[key] = (value, begun.At);
        if (Volatile.Read(ref generation) != begun.Generation)
        {
            entries.TryRemove(key, out _);
        }
    }

    public void Remove(TKey key) => entries.TryRemove(key, out _);

    public void Clear()
    {
        Interlocked.Increment(ref generation);
        entries.Clear();
    }
}
