namespace Wombat.Infrastructure.Jobs;

/// <summary>A job in a slot of this worker.</summary>
public sealed class RunningJob(ClaimedJob job, long claimedAt) : IDisposable
{
    private readonly CancellationTokenSource stop = new();

    public ClaimedJob Job => job;

    /// <summary>A timestamp of the clock, for the lease.</summary>
    public long RenewedAt { get; set; } = claimedAt;

    /// <summary>A timestamp of the clock, when the attempt began.</summary>
    public long StartedAt { get; set; } = claimedAt;

    public StopReason Stopped { get; private set; }

    public CancellationToken Token => stop.Token;

    /// <summary>The first reason stands.</summary>
    public void Stop(StopReason reason)
    {
        lock (stop)
        {
            if (Stopped == StopReason.None)
            {
                Stopped = reason;
                stop.Cancel();
            }
        }
    }

    public void Dispose()
    {
        lock (stop)
        {
            // A late Stop finds a reason set and leaves the disposed source alone.
            Stopped = Stopped == StopReason.None ? StopReason.LeaseLost : Stopped;
            stop.Dispose();
        }
    }
}
