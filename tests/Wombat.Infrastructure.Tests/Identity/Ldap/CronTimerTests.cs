using Quartz;
using Wombat.Infrastructure.Identity.Ldap;

namespace Wombat.Infrastructure.Tests.Identity.Ldap;

public sealed class CronTimerTests
{
    private static readonly CronExpression OnceAYear = new("0 0 3 1 6 ?", TimeZoneInfo.Utc);

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
        Assert.That(forward.Timers, Is.EqualTo(1), "what was missed is made up for at once");

        var back = new SteppingClock(new DateTimeOffset(2026, 6, 1, 4, 0, 0, TimeSpan.Zero)) { Jump = TimeSpan.FromHours(-2) };
        Assert.That(await CronTimer.WaitAsync(OnceAYear, back, CancellationToken.None), Is.True);
        Assert.That(back.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2026, 6, 1, 3, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public async Task Wait_WhenScheduleHasNoNextTime_IsFalse() =>
        Assert.That(
            await CronTimer.WaitAsync(
                new CronExpression("0 0 3 1 6 ? 2020", TimeZoneInfo.Utc),
                TimeProvider.System,
                CancellationToken.None
            ),
            Is.False
        );

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
