using System.Globalization;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Commands;

public sealed class ScheduleTimesTests
{
    private static readonly DateTimeOffset Now = At("2026-11-28T09:00:30Z");

    [TestCase("")]
    [TestCase("* * * *")]
    [TestCase("0 * * * * *")]
    [TestCase("0 0 0 1 1 * 2027")]
    [TestCase("@every_second")]
    [TestCase("@reboot")]
    [TestCase("H 3 * * *")]
    [TestCase("0 H * * *")]
    [TestCase("0 3 * * H")]
    [TestCase("0 3 * * THUH")]
    [TestCase("H(0-5) 3 * * *")]
    [TestCase("0 0 31 2 *")]
    [TestCase("0 0 30 2 *")]
    [TestCase("60 * * * *")]
    [TestCase("* 24 * * *")]
    [TestCase("* * 0 * *")]
    [TestCase("0 0 * * 1#6")]
    [TestCase("0 0 L,15 * *")]
    [TestCase("TZ=UTC 0 0 * * *")]
    [TestCase("0 0 * * *\n")]
    [TestCase("$(id) * * * *")]
    public void Expression_ThatIsNotValid_IsRefusedByItsField(string cron) =>
        Assert.That(Refused(cron, "UTC"), Is.EqualTo(new[] { "cron" }));

    [TestCase("")]
    [TestCase("Europe/Nowhere")]
    [TestCase("../../etc/passwd")]
    [TestCase("/etc/localtime")]
    [TestCase("Europe/../UTC")]
    [TestCase("Europe/Berlin\0")]
    public void TimeZone_ThatIsUnknown_IsRefusedByItsField(string zone) =>
        Assert.That(Refused("0 3 * * *", zone), Is.EqualTo(new[] { "time_zone" }));

    [Test]
    public void Fields_ThatAreBothWrong_AreBothReported() =>
        Assert.That(Refused("nonsense", "Mars/Base"), Is.EquivalentTo(new[] { "cron", "time_zone" }));

    // 29 March 2026: the clocks of Berlin go from 02:00 to 03:00; 25 October 2026: from 03:00 to 02:00.
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z", TestName = "Gap, fixed")]
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z", TestName = "Overlap, fixed")]
    [TestCase("0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-30T00:00Z", TestName = "Gap, two times")]
    [TestCase("0 * * * *", "Europe/Berlin", "2026-10-24T23:30Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z", TestName = "Overlap, hourly")]
    [TestCase(
        "*/30 2 * * *",
        "Europe/Berlin",
        "2026-10-25T00:10Z",
        "2026-10-25T00:30Z",
        "2026-10-25T01:00Z",
        TestName = "Overlap, interval"
    )]
    // 8 March 2026 and 1 November 2026.
    [TestCase("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", "2026-03-08T07:00Z", "2026-03-09T06:30Z", TestName = "New York, gap")]
    [TestCase(
        "30 1 * * *",
        "America/New_York",
        "2026-10-31T12:00Z",
        "2026-11-01T05:30Z",
        "2026-11-02T06:30Z",
        TestName = "New York, overlap"
    )]
    [TestCase("0 12 29 2 *", "UTC", "2026-01-01T00:00Z", "2028-02-29T12:00Z", "2032-02-29T12:00Z", TestName = "Leap day")]
    [TestCase("59 23 31 12 *", "UTC", "2026-12-31T23:59Z", "2027-12-31T23:59Z", "2028-12-31T23:59Z", TestName = "Year end")]
    [TestCase("*/20 * * * *", "UTC", "2026-12-31T23:50Z", "2027-01-01T00:00Z", "2027-01-01T00:20Z", TestName = "Over the year end")]
    [TestCase("0 0 L * *", "UTC", "2027-02-01T00:00Z", "2027-02-28T00:00Z", "2027-03-31T00:00Z", TestName = "Last day")]
    [TestCase("0 3 * * THU", "UTC", "2026-11-28T00:00Z", "2026-12-03T03:00Z", "2026-12-10T03:00Z", TestName = "Thursday")]
    [TestCase("0 3 * * mon-thu", "UTC", "2026-12-02T04:00Z", "2026-12-03T03:00Z", "2026-12-07T03:00Z", TestName = "Until Thursday")]
    [TestCase("0 0 13 * FRI", "UTC", "2026-11-28T00:00Z", "2027-08-13T00:00Z", "2028-10-13T00:00Z", TestName = "Both day fields")]
    public void NextTimes_AroundSpecialDays_AreInstants(string cron, string zone, string after, string first, string second) =>
        Assert.That(
            ScheduleTimes.Parse(cron, zone, Now).AllAfter(At(after)).Take(2),
            Is.EqualTo(new[] { At(first), At(second) }),
            $"{cron} in {zone}"
        );

    [TestCase(MissedFires.Skip, null, TestName = "Skip: nothing that is missed")]
    [TestCase(MissedFires.Once, "09:00", TestName = "Once: the newest")]
    [TestCase(MissedFires.All, "06:00", TestName = "All: the oldest first")]
    public void Rule_AfterHours_ChoosesWhatItSays(MissedFires rule, string? expected)
    {
        var times = ScheduleTimes.Parse("0 * * * *", "UTC", Now);
        var chosen = MissedFireRule.Choose(rule, times, At("2026-11-28T05:00Z"), At("2026-11-28T09:02Z"));
        Assert.That(chosen, Is.EqualTo(expected is null ? (DateTimeOffset?)null : At($"2026-11-28T{expected}Z")));
    }

    [Test]
    public void Rule_ForATimeThatIsNotMissed_ChoosesItWhateverItSays([Values] MissedFires rule)
    {
        var times = ScheduleTimes.Parse("0 * * * *", "UTC", Now);
        var (handled, at) = (At("2026-11-28T08:00Z"), At("2026-11-28T09:00Z"));
        Assert.That(MissedFireRule.Choose(rule, times, handled, at), Is.EqualTo(at));
        Assert.That(MissedFireRule.Choose(rule, times, handled, at + Schedule.MissedAfter), Is.EqualTo(at));
        Assert.That(MissedFireRule.Choose(rule, times, handled, at.AddSeconds(-1)), Is.Null);
        Assert.That(MissedFireRule.Choose(rule, times, at, at.AddMinutes(10)), Is.Null, "it was handled");
    }

    [Test]
    public void Rule_AfterAYearOfMinutes_KeepsTheNewestHundred()
    {
        var times = ScheduleTimes.Parse("* * * * *", "UTC", Now);
        Assert.That(MissedFireRule.Choose(MissedFires.All, times, Now.AddYears(-1), Now), Is.EqualTo(At("2026-11-28T07:20Z")));
    }

    private static string[] Refused(string cron, string zone) =>
        [.. Assert.Throws<InvalidInputException>(() => ScheduleTimes.Parse(cron, zone, Now))!.Errors.Keys];

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
