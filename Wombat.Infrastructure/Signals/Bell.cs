namespace Wombat.Infrastructure.Signals;

/// <summary>Remembers that it was rung, once however often, until someone waits. Holds no handle, so it needs no disposal.</summary>
internal sealed class Bell
{
    private readonly SemaphoreSlim rung = new(0, 1);

    public void Ring()
    {
        lock (rung)
        {
            if (rung.CurrentCount == 0)
            {
                rung.Release();
            }
        }
    }

    public Task WaitAsync(CancellationToken cancel) => rung.WaitAsync(cancel);

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => rung.WaitAsync(atMost, cancel);
}
