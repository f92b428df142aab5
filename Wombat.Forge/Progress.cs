using System.Globalization;

namespace Wombat.Forge;

/// <summary>Tells on standard error that a long step goes on while it says nothing itself.</summary>
internal sealed class Progress(string step)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly long from = TimeProvider.System.GetTimestamp();
    private long said = TimeProvider.System.GetTimestamp();

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(from);

    /// <summary>The step itself has said something.</summary>
    public void Heard() => Interlocked.Exchange(ref said, TimeProvider.System.GetTimestamp());

    /// <summary>Says how long the step takes already, where nothing was said for some seconds.</summary>
    public async Task TellAsync()
    {
        if (TimeProvider.System.GetElapsedTime(Interlocked.Read(ref said)) >= Silence)
        {
            Heard();
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{step}: {Elapsed.TotalSeconds:F0} s"));
        }
    }

    /// <summary>Awaits work that may be silent.</summary>
    public async Task<T> AwaitAsync<T>(Task<T> work)
    {
        while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(500))) != work)
        {
            await TellAsync();
        }

        return await work;
    }
}
