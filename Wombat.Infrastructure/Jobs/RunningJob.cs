namespace Wombat.Infrastructure.Jobs;

/// <summary>A job in a slot of this worker.</summary>
public sealed class RunningJob(ClaimedJob job, long claimedAt, TimeSpan lease) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource stopWaiting = new();
    private readonly TaskCompletionSource slotReleased = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool isDisposed;

    public ClaimedJob Job => job;

    /// <summary>How long a renewal is valid.</summary>
    public TimeSpan Lease => lease;

    /// <summary>The timestamp of the last renewal of the lease.</summary>
    public long RenewedAt { get; set; } = claimedAt;

    /// <summary>The timestamp of the start of the attempt.</summary>
    public long StartedAt { get; set; } = claimedAt;

    public StopReason Stopped { get; private set; }

    public CancellationToken Token => stop.Token;

    /// <summary>Completed when the job waits for other jobs and occupies no slot any more.</summary>
    public Task SlotReleased => slotReleased.Task;

    /// <summary>Cancelled when the worker stops, whatever the job was stopped for before.</summary>
    public CancellationToken Stopping => stopWaiting.Token;

    /// <summary>Stops a job that waits for others because the worker stops.</summary>
    public void StopWaiting()
    {
        Stop(StopReason.Shutdown);
        lock (stop)
        {
            if (!isDisposed)
            {
                stopWaiting.Cancel();
            }
        }
    }

    public void ReleaseSlot() => slotReleased.TrySetResult();

    /// <summary>Stops the run. Only the first reason counts.</summary>
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
            // A late Stop finds a reason set and does not use the disposed source.
            Stopped = Stopped == StopReason.None ? StopReason.LeaseLost : Stopped;
            stop.Dispose();
            stopWaiting.Dispose();
            isDisposed = true;
        }
    }
}
