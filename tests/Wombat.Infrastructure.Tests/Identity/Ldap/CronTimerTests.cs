using System.Globalization;
using Cronos;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Identity.Ldap;

namespace Wombat.Infrastructure.Tests.Identity.Ldap;

public sealed class CronTimerTests
{
    private static readonly CronExpression OnceAYear = CronSchedule.Parse("0 0 3 1 6 ?");

    [Test]
    public async Task Wait_OfSeveralMonths_EndsAtTheScheduledTime()
    {
        var clock = new SteppingClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.That(await CronTimer.WaitAsync(OnceAYear, clock, CancellationToken.None), Is.True);
        Assert.That(clock.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2026, 6, 1, 3, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task Wait_WhenTheClockIsSet_FollowsIt()
    {
        var forward = new SteppingClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { Jump = TimeSpan.FromDays(300) };
        Assert.That(await CronTimer.WaitAsync(OnceAYear, forward, CancellationToken.None), Is.True);
        Assert.That(forward.Timers, Is.EqualTo(1), "a missed time is due at once");

        var back = new SteppingClock(new DateTimeOffset(2026, 6, 1, 4, 0, 0, TimeSpan.Zero)) { Jump = TimeSpan.FromHours(-2) };
        Assert.That(await CronTimer.WaitAsync(OnceAYear, back, CancellationToken.None), Is.True);
        Assert.That(back.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2026, 6, 1, 3, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task Wait_WhenScheduleHasNoNextTime_IsFalse() =>
        Assert.That(await CronTimer.WaitAsync(CronSchedule.Parse("0 0 3 30 2 ?"), TimeProvider.System, CancellationToken.None), Is.False);

    [TestCase("0 0 3 ? * 2", "Mo")]
    [TestCase("0 0 3 ? * MON", "Mo")]
    [TestCase("0 0 3 ? * 1,7", "Sa Su")]
    [TestCase("0 0 3 ? * 2-6", "Mo Tu We Th Fr")]
    [TestCase("0 0 3 ? * 6-2", "Mo Fr Sa Su")]
    [TestCase("0 0 3 ? * 2-6/2", "Mo We Fr")]
    [TestCase("0 0 3 ? * 2/2", "Mo We Fr")]
    [TestCase("0 0 3 ? * */3", "We Sa Su")]
    public void Parse_WhenWeekdaysAreNumbers_CountsFromSunday(string cron, string days)
    {
        var monday = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var found = CronSchedule.Parse(cron).GetOccurrences(monday, monday.AddDays(7), TimeZoneInfo.Utc);
        Assert.That(string.Join(' ', found.Select(t => t.DayOfWeek.ToString()[..2])), Is.EqualTo(days));
    }

    [TestCase("0 0 3 ? * 2#1", "2026-06-01")]
    [TestCase("0 0 3 ? * 6L", "2026-06-26")]
    public void Parse_WhenTheWeekOfTheMonthIsGiven_FindsTheDay(string cron, string day) =>
        Assert.That(
            CronSchedule
                .Parse(cron)
                .GetNextOccurrence(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), TimeZoneInfo.Utc)!
                .Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Is.EqualTo(day)
        );

    [TestCase("0 3 * * 1")]
    [TestCase("0 0 3 ? * 0")]
    [TestCase("0 0 3 ? * 8")]
    [TestCase("0 0 3 ? * 17")]
    [TestCase("often")]
    public void Parse_WhenMalformed_Throws(string cron) =>
        Assert.That(() => CronSchedule.Parse(cron), Throws.InstanceOf<CronFormatException>());

    /// <summary>Each timer fires at once and sets the clock to when it was due; the first one sets it by the jump too.</summary>
    private sealed class SteppingClock(DateTimeOffset now) : TimeProvider
    {
        private DateTimeOffset now = now;

        public TimeSpan Jump { get; set; }

        public int Timers { get; private set; }

        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (now, Jump, Timers) = (now + dueTime + Jump, TimeSpan.Zero, Timers + 1);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
            return new Fired();
        }

        private sealed class Fired : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
