using Wombat.Application.Databases;

namespace Wombat.Application.Tests.Databases;

public sealed class BackupHealthTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [TestCase("0 3 * * *", 1, 3.9, null)]
    [TestCase("0 3 * * *", 1, 4.1, 3d)]
    [TestCase("0 3 * * *", 3.1, 26, null)]
    [TestCase("0 3 * * *", 3.1, 80, 27d)]
    [TestCase("*/30 * * * *", 3.1, 3.9, null)]
    [TestCase("*/30 * * * *", 3.1, 4.1, 3.5)]
    [TestCase("never", 0, 9000, null)]
    public void OverdueSince_AfterAMissedBackup_IsItsTime(string schedule, double restorable, double now, double? since) =>
        Assert.That(
            BackupHealth.OverdueSince(schedule, Midnight.AddHours(restorable), Midnight.AddHours(now)),
            Is.EqualTo(since is { } hours ? Midnight.AddHours(hours) : (DateTimeOffset?)null)
        );
}
