using Cronos;

namespace Wombat.Application.Databases;

/// <summary>Compares the last time that can be restored with the schedule of backups.</summary>
public static class BackupHealth
{
    // A backup takes its time.
    private static readonly TimeSpan GraceMax = TimeSpan.FromHours(1);

    /// <summary>
    /// Since when a backup of the schedule is missing; null while none is. A backup is missing when nothing after its time can be restored
    /// an hour later, or when the next one is due if that is earlier.
    /// </summary>
    /// <param name="schedule">A cron expression in UTC.</param>
    /// <param name="restorable">The last time that can be restored; before the first backup the time of the creation.</param>
    public static DateTimeOffset? OverdueSince(string schedule, DateTimeOffset restorable, DateTimeOffset now)
    {
        if (
            !CronExpression.TryParse(schedule, out var cron)
            || cron.GetNextOccurrence(restorable.UtcDateTime) is not { } due
            || cron.GetNextOccurrence(due) is not { } next
        )
        {
            return null;
        }

        var grace = next - due < GraceMax ? next - due : GraceMax;
        return now.UtcDateTime > due + grace ? new DateTimeOffset(due, TimeSpan.Zero) : null;
    }
}
