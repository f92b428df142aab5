using Cronos;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Waits for the times of a cron expression.</summary>
internal static class CronTimer
{
    // No timer waits longer than 49 days, and none notices that the clock has been set.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the clock reaches the next time. False where there is none.</summary>
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

            // A clock that was set back has an earlier one.
            next = schedule.GetNextOccurrence(now, TimeZoneInfo.Utc) is { } earlier && earlier < time ? earlier : time;
            var rest = next.Value - now;
            await Task.Delay(rest < Longest ? rest : Longest, clock, cancel);
        }

        return false;
    }
}
