namespace Wombat.Infrastructure.Notifications;

/// <summary>Remembers that it was rung, once however often, until someone waits. Holds no handle, so it needs no disposal.</summary>
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
