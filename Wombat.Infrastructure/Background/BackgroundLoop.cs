using Microsoft.Extensions.Logging;
using Wombat.Application.Common;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Background;

/// <summary>
/// Runs work again and again until the host stops. A failure never ends the loop or the host: an outside system that does not answer
/// is one line in the log and is tried again after the interval; any other failure is logged with its stack trace, and the wait
/// doubles with each one in a row.
/// </summary>
public sealed class BackgroundLoop(TimeProvider clock, DatabaseAvailability availability, ILogger<BackgroundLoop> log)
{
    private const int MaxDoublings = 10;
    private static readonly TimeSpan MinRetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>Completes without an exception once <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(LoopOptions options, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var wakeUp = options.WakeUp?.Invoke();
        var unexpected = 0;
        if (options.WaitsFirst)
        {
            await WaitAsync(options.Interval, wakeUp, stop);
        }

        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work(stop);
                unexpected = 0;
                await WaitAsync(options.Interval, wakeUp, stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                unexpected = Report(options, e) ? 0 : unexpected + 1;
                await WaitAsync(RetryDelay(options.Interval, unexpected), null, stop);
            }
        }
    }

    /// <summary>Waits for the interval or the wake-up, whichever is first, or until cancelled, without an exception.</summary>
    public async Task WaitAsync(TimeSpan interval, INotificationSubscription? wakeUp, CancellationToken stop) =>
        await (wakeUp?.WaitAsync(interval, stop) ?? Task.Delay(interval, clock, stop)).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing
        );

    // True for a failure that is expected now and then.
    private bool Report(LoopOptions options, Exception failure)
    {
        if (availability.Report(failure))
        {
            return true;
        }

        if (DatabaseErrors.AsExternal(failure) is { IsRetryable: true } expected)
        {
            log.Log(options.UnavailableLevel, "The {Loop} failed and is repeated: {Error}", options.Name, expected.Message);
            return true;
        }

        log.LogError(failure, "The {Loop} failed and is repeated", options.Name);
        return false;
    }

    private static TimeSpan RetryDelay(TimeSpan interval, int unexpected)
    {
        var first = interval > MinRetryDelay ? interval : MinRetryDelay;
        var longest = first > MaxRetryDelay ? first : MaxRetryDelay;
        var delay = first * Math.Pow(2, Math.Clamp(unexpected - 1, 0, MaxDoublings));
        return delay < longest ? delay : longest;
    }
}
