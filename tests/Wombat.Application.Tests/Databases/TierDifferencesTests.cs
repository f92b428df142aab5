using System.Reflection;
using Wombat.Application.Databases;
using Wombat.Domain.Databases;

namespace Wombat.Application.Tests.Databases;

public sealed class TierDifferencesTests
{
    private static readonly string[] Properties =
    [
        .. typeof(TierSpec).GetProperties().Where(p => p.CanWrite && p.Name != nameof(TierSpec.Settings)).Select(p => p.Name),
    ];

    [TestCaseSource(nameof(Properties))]
    public void Between_TiersThatDifferInOneField_FindsIt(string name)
    {
        var property = typeof(TierSpec).GetProperty(name)!;
        var changed = new TierSpec();
        property.SetValue(changed, OtherValue(property, changed));
        Assert.That(TierDifferences.Between(new TierSpec(), changed), Has.Count.EqualTo(1));
    }

    [Test]
    public void Between_TiersThatDifferInASetting_FindsIt()
    {
        var changed = new TierSpec { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["work_mem"] = "8MB" } };
        Assert.That(TierDifferences.Between(new TierSpec(), changed).Single().Field, Is.EqualTo("settings.work_mem"));
    }

    private static object OtherValue(PropertyInfo property, TierSpec tier) =>
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
        {
            { IsEnum: true } type => Enum.GetValues(type).Cast<object>().First(v => !v.Equals(property.GetValue(tier))),
            var type when type == typeof(int) => (int)(property.GetValue(tier) ?? 0) + 1,
            _ => "other",
        };
}
