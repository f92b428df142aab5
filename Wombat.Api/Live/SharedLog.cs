using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>
/// The newest blocks of a growing log, read once for all followers in this process. A follower that is further behind reads from the
/// database until it has caught up.
/// </summary>
internal sealed class SharedLog(Guid jobId, IJobLogReader logs, INotificationBus notifications)
{
    private const int BlocksAtOnce = 8;
    private const int BlocksKept = 16;

    // A lost notification, or a job ended by another replica, is noticed after this.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource abandoned = new();
    private readonly Queue<LogBlock> window = new();
    private long from = -1;
    private long last = -1;
    private JobOutcome? end;
    private Task? growing;

    /// <summary>The number of followers, maintained by <see cref="JobLogFeed"/>.</summary>
    public int Followers { get; set; }

    /// <summary>
    /// The blocks after a line, and the job's outcome if they are the last ones; null if the line is older than the blocks in memory.
    /// </summary>
    public (IReadOnlyList<LogBlock> Blocks, JobOutcome? End)? After(long number)
    {
        lock (gate)
        {
            return from >= 0 && number >= from ? ([.. window.Where(b => b.LastNumber > number)], end) : null;
        }
    }

    /// <summary>Reports the last line that a follower has read. The shared reading starts there.</summary>
    public void StartAt(long number)
    {
        lock (gate)
        {
            if (number > last && growing is null)
            {
                window.Clear();
                (from, last) = (number, number);
            }
        }
    }

    /// <summary>Completes when there are more lines or the job has ended.</summary>
    public Task GrowAsync()
    {
        lock (gate)
        {
            return growing ??= ReadOnAsync();
        }
    }

    public void Abandon() => abandoned.Cancel();

    private async Task ReadOnAsync()
    {
        await Task.Yield();
        try
        {
            using var growth = notifications.Subscribe(Topics.Log(jobId));
            while (!await ReadAsync())
            {
                await growth.WaitAsync(PollInterval, abandoned.Token);
            }
        }
        finally
        {
            lock (gate)
            {
                growing = null;
            }
        }
    }

    private async Task<bool> ReadAsync()
    {
        var (outcome, blocks) = await logs.ReadOnAsync(jobId, last, BlocksAtOnce, abandoned.Token) ?? throw new NotFoundException("job");
        lock (gate)
        {
            foreach (var block in blocks)
            {
                window.Enqueue(block);
                last = block.LastNumber;
            }

            while (window.Count > BlocksKept)
            {
                from = window.Dequeue().LastNumber;
            }

            // Nothing is written after the end of a job, and the outcome was read first, so that these blocks are the last ones.
            end = outcome.IsEnd && blocks.Count < BlocksAtOnce ? outcome : null;
            return blocks.Count > 0 || end is not null;
        }
    }
}
