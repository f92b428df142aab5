using System.Globalization;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Sends lines of a log in the time in which they were written, or in a multiple of its speed.</summary>
/// <param name="speed">How many times as fast.</param>
/// <param name="maxPause">The longest pause between two lines, as it is replayed; null for any.</param>
internal sealed class LogReplay(double speed, TimeSpan? maxPause)
{
    public const double MinSpeed = 0.1;
    public const double MaxSpeed = 1000;
    public const double MaxPauseSeconds = 3600;

    private DateTimeOffset? lastAt;

    /// <summary>Reads the parameters of a request; null if it does not ask for a replay.</summary>
    /// <exception cref="InvalidInputException">A parameter is out of its range, or there is a pause without a speed.</exception>
    public static LogReplay? Of(double? speed, double? maxPause)
    {
        EnsureBetween("speed", speed, MinSpeed, MaxSpeed);
        EnsureBetween("max_pause", maxPause, 0, MaxPauseSeconds);
        if (speed is not { } times)
        {
            return maxPause is null ? null : throw new InvalidInputException("max_pause", "is for a replay; give speed, too");
        }

        return new LogReplay(times, maxPause is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>Sends the lines of a block after a number, each in its time.</summary>
    /// <param name="wait">Waits for a time.</param>
    public async Task SendAsync(LogBlock block, long after, Func<LogBlock, long, Task> send, Func<TimeSpan, Task> wait)
    {
        foreach (var moment in block.Moments().Where(m => m.LastNumber > after))
        {
            var pause = (moment.StartedAt - (lastAt ?? moment.StartedAt)) / speed;
            lastAt = moment.StartedAt;
            pause = pause > maxPause ? maxPause.Value : pause;
            if (pause > TimeSpan.Zero)
            {
                await wait(pause);
            }

            await send(moment, after);
        }
    }

    private static void EnsureBetween(string name, double? value, double min, double max)
    {
        if (value is { } number && !(number >= min && number <= max))
        {
            throw new InvalidInputException(name, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"));
        }
    }
}
