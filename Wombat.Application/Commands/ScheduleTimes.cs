using System.Text.RegularExpressions;
using Cronos;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>
/// The instants of a cron expression in a time zone. A time that a clock skips when it goes forward is the first instant after the gap; a
/// fixed time that it shows twice is the first of the two, and an interval has both.
/// </summary>
internal sealed partial class ScheduleTimes
{
    private const string CronProblem = "must be a cron expression of five fields, such as 0 3 * * 1-5";

    private readonly CronExpression cron;
    private readonly TimeZoneInfo zone;

    private ScheduleTimes(CronExpression cron, TimeZoneInfo zone) => (this.cron, this.zone) = (cron, zone);

    /// <exception cref="InvalidInputException">The expression or the time zone is not valid: one message for each, by field.</exception>
    public static ScheduleTimes Parse(string cron, string timeZone, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var (expression, zone) = (ParseCron(cron), FindZone(timeZone));
        if (expression is null)
        {
            errors["cron"] = [CronProblem];
        }
        else if (expression.GetNextOccurrence(now.UtcDateTime) is null)
        {
            errors["cron"] = ["must have a time that comes: this one never fires"];
        }

        if (zone is null)
        {
            errors["time_zone"] = ["must be the name of a time zone in the IANA database, such as Europe/Berlin"];
        }

        return errors.Count == 0 ? new ScheduleTimes(expression!, zone!) : throw new InvalidInputException(errors);
    }

    public static ScheduleTimes Of(ScheduleSpec spec, DateTimeOffset now) => Parse(spec.Cron, spec.TimeZone, now);

    /// <summary>The first instant after another; null for none.</summary>
    public DateTimeOffset? After(DateTimeOffset instant) =>
        cron.GetNextOccurrence(instant.UtcDateTime, zone) is { } next ? new DateTimeOffset(next, TimeSpan.Zero) : null;

    /// <summary>All instants after another, in order.</summary>
    public IEnumerable<DateTimeOffset> AllAfter(DateTimeOffset instant)
    {
        for (var next = After(instant); next is { } at; next = After(at))
        {
            yield return at;
        }
    }

    // Cronos accepts a seed for H and times within a minute, which Wombat does not: THU is the only name with an H.
    private static CronExpression? ParseCron(string text)
    {
        if (text.Length > ScheduleSpec.CronMax || !CronRegex().IsMatch(text))
        {
            return null;
        }

        try
        {
            return CronExpression.Parse(text, CronFormat.Standard);
        }
        catch (Exception e) when (e is CronFormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static TimeZoneInfo? FindZone(string name) =>
        name.Length <= ScheduleSpec.TimeZoneMax && ZoneRegex().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : null;

    [GeneratedRegex(
        @"\A(@(every_minute|hourly|daily|midnight|weekly|monthly|yearly|annually)"
            + @"|(([0-9A-GI-Z*/,#?-]|THU)+ +){4}([0-9A-GI-Z*/,#?-]|THU)+)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex CronRegex();

    // No path: a name that leaves the database's folder would read another file.
    [GeneratedRegex(
        @"\A[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex ZoneRegex();
}
