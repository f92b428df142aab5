namespace Wombat.Infrastructure.Notifications;

/// <summary>Stays set until one waiter takes it, however often <see cref="Set"/> is called. Needs no disposal.</summary>
internal sealed class AsyncAutoResetEvent
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public void Set()
    {
        lock (signal)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    public Task WaitAsync(CancellationToken cancel) => signal.WaitAsync(cancel);

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => signal.WaitAsync(atMost, cancel);
}
