using Cronos;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Waits for the times of a cron expression.</summary>
internal static class CronTimer
{
    // Waits in short steps: a timer is limited to 49 days and does not notice when the system clock is set.
    private static readonly TimeSpan MaxStep = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the clock reaches the next time. Returns false if there is none.</summary>
    public static async Task<bool> WaitAsync(CronExpression schedule, TimeProvider clock, CancellationToken cancel)
    {
        var next = schedule.GetNextOccurrence(clock.GetUtcNow(), TimeZoneInfo.Utc);
        while (next is { } time)
        {
            var now = clock.GetUtcNow();
            if (now >= time)
            {
                return true;
            }

            // If the clock was set back, an earlier time is next.
            next = schedule.GetNextOccurrence(now, TimeZoneInfo.Utc) is { } earlier && earlier < time ? earlier : time;
            var rest = next.Value - now;
            await Task.Delay(rest < MaxStep ? rest : MaxStep, clock, cancel);
        }

        return false;
    }
}
