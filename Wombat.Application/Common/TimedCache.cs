using System.Collections.Concurrent;

namespace Wombat.Application.Common;

/// <summary>
/// Caches values for a short time. A value that was requested before a <see cref="Clear"/> and arrives after it is not stored, so that
/// nobody reads outdated values after a change.
/// </summary>
/// <param name="trust">The lifetime of an entry.</param>
public sealed class TimedCache<TKey, TValue>(TimeProvider clock, TimeSpan trust, int capacity)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, long At)> entries = new();
    private int generation;

    /// <summary>Starts a read. Call it before the read and pass the result to <see cref="Store"/>.</summary>
    public (int Generation, long At) Begin() => (Volatile.Read(ref generation), clock.GetTimestamp());

    public bool TryGet(TKey key, out TValue value)
    {
        var found = entries.TryGetValue(key, out var entry);
        value = entry.Value;
        return found && clock.GetElapsedTime(entry.At) < trust;
    }

    public void Store(TKey key, TValue value, (int Generation, long At) read)
    {
        if (entries.Count >= capacity)
        {
            entries.Clear();
        }

        entries[key] = (value, read.At);
        if (Volatile.Read(ref generation) != read.Generation)
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
