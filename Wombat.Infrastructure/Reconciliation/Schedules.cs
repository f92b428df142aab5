using Cronos;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Cron expressions of resources, in UTC.</summary>
internal static class Schedules
{
    /// <summary>Whether a time of the schedule has come since the last one. An invalid expression is never due.</summary>
    public static bool IsDue(string schedule, DateTimeOffset last, DateTimeOffset now) =>
        CronExpression.TryParse(schedule, out var cron) && cron.GetNextOccurrence(last.UtcDateTime) is { } next && next <= now.UtcDateTime;
}
