using System.Globalization;

namespace Wombat.Forge;

/// <summary>Reports on standard error that a long step is still running while the step itself writes nothing.</summary>
/// <param name="interval">How often it is reported; every 5 s if null.</param>
internal sealed class Progress(string step, TimeSpan? interval = null)
{
    /// <summary>The interval of builds, which take a minute: with the time between two looks at the clock, a line every 2 s.</summary>
    public static readonly TimeSpan OfBuilds = TimeSpan.FromSeconds(1.4);

    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(5);

    private readonly long started = TimeProvider.System.GetTimestamp();
    private long lastOutput = TimeProvider.System.GetTimestamp();

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    /// <summary>What the step is doing, for the next report.</summary>
    public string? Detail { get; set; }

    /// <summary>Notes that the step wrote output, which postpones the next report.</summary>
    public void OutputReceived() => Interlocked.Exchange(ref lastOutput, TimeProvider.System.GetTimestamp());

    /// <summary>Writes the elapsed time if nothing was written during the report interval.</summary>
    public async Task ReportAsync()
    {
        if (TimeProvider.System.GetElapsedTime(Interlocked.Read(ref lastOutput)) >= (interval ?? UsualInterval))
        {
            OutputReceived();
            var detail = Detail is { } line ? $": {line}" : "";
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{step}: {Elapsed.TotalSeconds:F0} s{detail}"));
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
