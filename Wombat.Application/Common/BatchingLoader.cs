using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>
/// Coalesces reads: while a read runs, further keys are collected and then read by one query. A single read starts at once; under
/// load, one round trip serves many. No caller gets data that was read before the call. For short reads whose rows are the same for
/// all callers, who have been authorized before.
/// </summary>
/// <param name="partitionOf">Reads of one partition run one at a time; different partitions run in parallel.</param>
/// <param name="read">Reads the existing values of the keys, in a scope of its own, since callers may have left.</param>
internal sealed class BatchingLoader<TKey, TPartition, TValue>(
    Func<TKey, TPartition> partitionOf,
    Func<IReadOnlyCollection<TKey>, Task<IReadOnlyDictionary<TKey, TValue>>> read,
    TimeProvider clock
)
    where TKey : notnull
    where TPartition : notnull
    where TValue : class
{
    // A slower read does not block the next batch: its connection may hang.
    private static readonly TimeSpan OverdueAfter = TimeSpan.FromMilliseconds(100);

    // Two reads that time out one after the other would block a caller for more than a minute.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    // The batch that waits for the running read of a partition; null when there is none.
    private readonly Dictionary<TPartition, Batch?> partitions = [];
    private readonly Lock gate = new();

    /// <summary>Reads the row of a key; null if there is none.</summary>
    /// <exception cref="ExternalSystemException">The database did not answer in time.</exception>
    public async Task<TValue?> ReadAsync(TKey key, CancellationToken cancel)
    {
        var partition = partitionOf(key);
        Batch? batch;
        bool isFirst,
            isNew;
        lock (gate)
        {
            isFirst = !partitions.TryGetValue(partition, out batch);
            isNew = batch is null;
            batch ??= new Batch();
            batch.Keys.Add(key);
            partitions[partition] = isFirst ? null : batch;
        }

        if (isNew)
        {
            // The read serves other callers too and is not part of this request.
            using (ExecutionContext.SuppressFlow())
            {
                _ = isFirst ? ReadPartitionAsync(partition, batch) : ReadWhenOverdueAsync(partition, batch);
            }
        }

        try
        {
            return (await batch.Found.Task.WaitAsync(MaxWait, clock, cancel)).GetValueOrDefault(key);
        }
        catch (TimeoutException)
        {
            throw ExternalSystemException.Unavailable(ErrorCode.DatabaseUnavailable, "The database does not respond. Try again later.");
        }
    }

    private async Task ReadPartitionAsync(TPartition partition, Batch? next)
    {
        while (next is not null)
        {
            await ReadAsync(next);
            lock (gate)
            {
                next = partitions[partition];
                if (next is null)
                {
                    partitions.Remove(partition);
                }
                else
                {
                    partitions[partition] = null;
                }
            }
        }
    }

    private async Task ReadWhenOverdueAsync(TPartition partition, Batch batch)
    {
        await Task.Delay(OverdueAfter, clock);
        lock (gate)
        {
            if (!partitions.TryGetValue(partition, out var waiting) || waiting != batch)
            {
                return;
            }

            partitions[partition] = null;
        }

        await ReadAsync(batch);
    }

    private async Task ReadAsync(Batch batch)
    {
        try
        {
            batch.Found.SetResult(await read(batch.Keys));
        }
        catch (Exception e)
        {
            batch.Found.SetException(e);
        }
    }

    private sealed class Batch
    {
        public HashSet<TKey> Keys { get; } = [];

        public TaskCompletionSource<IReadOnlyDictionary<TKey, TValue>> Found { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
