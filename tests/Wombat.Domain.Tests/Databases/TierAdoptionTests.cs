using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Tests.Databases;

public sealed class TierAdoptionTests
{
    [TestCase("settings.work_mem", "9MB", true)]
    [TestCase("settings.work_mem", null, false)]
    [TestCase("settings.work_mem", "9 MB'", false)]
    [TestCase("settings.fsync", "off", false)]
    [TestCase("max_connections", "60", true)]
    [TestCase("max_connections", "1", false)]
    [TestCase("max_connections", "many", false)]
    [TestCase("storage", "2048", true)]
    [TestCase("storage", "512", false)]
    [TestCase("pg_hba.conf", "60", false)]
    public void CanAdopt_OnlyWhatASpecCanHold(string field, string? actual, bool expected)
    {
        var spec = new TierSpec { StorageMib = 1024 };
        var difference = new ResourceDifference(field, null, actual);
        Assert.That(spec.CanAdopt(difference), Is.EqualTo(expected));
        Assert.That(spec.Holds(difference), Is.False);
        Assert.That(spec.TryAdopt(difference)?.Holds(difference) ?? false, Is.EqualTo(expected));
    }
}
