using System.Text.RegularExpressions;
using Cronos;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>Waits for the times of a cron expression.</summary>
internal static partial class CronTimer
{
    // No timer waits longer than 49 days, and none notices that the clock has been set.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Reads six fields, seconds first. Weekdays are numbered from 1 (Sunday) to 7 (Saturday), as in Quartz; Cronos counts from 0.</summary>
    /// <exception cref="CronFormatException">The expression is malformed.</exception>
    public static CronExpression Parse(string cron)
    {
        var fields = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 6)
        {
            // "2/2" is from Monday to Saturday, every second day.
            var bounded = StepFrom().Replace(fields[5], m => m.Value[0] == '-' ? m.Value : $"{m.Value[0]}-7/");
            fields[5] = WeekdayNumber()
                .Replace(
                    bounded,
                    m =>
                        m.Value switch
                        {
                            ['/' or '#', ..] => m.Value,
                            [>= '1' and <= '7' and var day] => ((char)(day - 1)).ToString(),
                            _ => "invalid",
                        }
                );
        }

        return CronExpression.Parse(string.Join(' ', fields), CronFormat.IncludeSeconds);
    }

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

    [GeneratedRegex(@"-?\d/", RegexOptions.NonBacktracking)]
    private static partial Regex StepFrom();

    [GeneratedRegex(@"[/#]?\d+", RegexOptions.NonBacktracking)]
    private static partial Regex WeekdayNumber();
}
