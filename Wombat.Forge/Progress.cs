using System.Globalization;

namespace Wombat.Forge;

/// <summary>Reports on standard error that a long step is still running while the step itself writes nothing.</summary>
internal sealed class Progress(string step)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    private readonly long started = TimeProvider.System.GetTimestamp();
    private long lastOutput = TimeProvider.System.GetTimestamp();

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    /// <summary>Notes that the step wrote output, which postpones the next report.</summary>
    public void OutputReceived() => Interlocked.Exchange(ref lastOutput, TimeProvider.System.GetTimestamp());

    /// <summary>Writes the elapsed time if nothing was written during the report interval.</summary>
    public async Task ReportAsync()
    {
        if (TimeProvider.System.GetElapsedTime(Interlocked.Read(ref lastOutput)) >= ReportInterval)
        {
            OutputReceived();
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{step}: {Elapsed.TotalSeconds:F0} s"));
        }
    }

    /// <summary>Waits for work and reports while it is silent.</summary>
    public async Task<T> WaitAsync<T>(Task<T> work)
    {
        while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(500))) != work)
        {
            await ReportAsync();
        }

        return await work;
    }
}
