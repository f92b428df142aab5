using Wombat.Domain.Common;

namespace Wombat.Domain.Tests.Common;

public sealed class Uuid7Tests
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 10, 21, 50, 685, TimeSpan.FromHours(2));

    [Test]
    public void At_ForLaterMicroseconds_SortsLater()
    {
        var ids = Enumerable.Range(0, 2_000).Select(n => Uuid7.At(At.AddMicroseconds(n)).ToString()).ToList();
        Assert.That(ids, Is.Ordered.Using<string>(StringComparer.Ordinal));
    }

    [Test]
    public void At_ForTheSameTime_IsUnique() =>
        Assert.That(Enumerable.Range(0, 1_000).Select(_ => Uuid7.At(At)).Distinct().Count(), Is.EqualTo(1_000));

    [Test]
    public void At_ForATime_IsAVersion7Uuid()
    {
        var id = Uuid7.At(At.AddMicroseconds(999));
        Assert.That((id.Version, id.Variant >> 2), Is.EqualTo((7, 2)));
        Assert.That(Convert.ToInt64(id.ToString("N")[..12], 16), Is.EqualTo(At.ToUnixTimeMilliseconds()));
        Assert.That(Convert.ToInt32(id.ToString("N")[13..16], 16), Is.EqualTo(999 * 4096 / 1000));
    }
}
