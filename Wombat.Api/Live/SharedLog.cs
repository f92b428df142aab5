using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>
/// The end of one log that is growing, read once for all its followers in this process. A follower that is further behind reads by itself
/// until it has caught up.
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

    /// <summary>How many follow it; counted by <see cref="JobLogFeed"/>.</summary>
    public int Followers { get; set; }

    /// <summary>
    /// The blocks behind a line, and the job's outcome where they are the last ones; null where it does not go back so far.
    /// </summary>
    public (IReadOnlyList<LogBlock> Blocks, JobOutcome? End)? After(long number)
    {
        lock (gate)
        {
            return from >= 0 && number >= from ? ([.. window.Where(b => b.LastNumber > number)], end) : null;
        }
    }

    /// <summary>Says that the line was the last one a moment ago: from there on the log is read for all.</summary>
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

    /// <summary>Completes when there is more, or the job has ended.</summary>
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
        // Before the blocks: nothing is written after the end, so nothing more can come behind them.
        var outcome = await logs.OutcomeAsync(jobId, abandoned.Token) ?? throw new NotFoundException("job");
        var blocks = await logs.ReadAsync(jobId, last, BlocksAtOnce, abandoned.Token);
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

            end = outcome.IsEnd && blocks.Count < BlocksAtOnce ? outcome : null;
            return blocks.Count > 0 || end is not null;
        }
    }
}
