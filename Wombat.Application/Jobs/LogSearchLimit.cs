namespace Wombat.Application.Jobs;

/// <summary>Limits how many searches read logs at a time, so that they leave processors for other requests. The others wait.</summary>
internal sealed class LogSearchLimit : IDisposable
{
    private readonly SemaphoreSlim slots = new(Math.Max(1, Environment.ProcessorCount / 2));

    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        await slots.WaitAsync(cancel);
        return new Slot(slots);
    }

    public void Dispose() => slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
