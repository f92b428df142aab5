using System.Text.RegularExpressions;
using Cronos;

namespace Wombat.Infrastructure.Configuration;

/// <summary>The cron expressions of the settings.</summary>
internal static partial class CronSchedule
{
    /// <summary>
    /// Reads six fields, seconds first. Weekdays are numbered from 1 (Sunday) to 7 (Saturday), as in Quartz; Cronos counts from 0.
    /// </summary>
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

    [GeneratedRegex(@"-?\d/", RegexOptions.NonBacktracking)]
    private static partial Regex StepFrom();

    [GeneratedRegex(@"[/#]?\d+", RegexOptions.NonBacktracking)]
    private static partial Regex WeekdayNumber();
}
