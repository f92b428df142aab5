using System.Text.Json;
using Wombat.Application.Common;

namespace Wombat.Application.Tests.Common;

public sealed class WombatJsonTests
{
    [TestCase("2026-11-22T06:28:53.06Z", "2026-11-22T06:28:53.060000Z")]
    [TestCase("2026-11-22T06:28:53Z", "2026-11-22T06:28:53.000000Z")]
    [TestCase("2026-11-22T07:28:53.0617459+01:00", "2026-11-22T06:28:53.061745Z")]
    public void Serialize_OfATime_IsUtcWithSixDigits(string time, string written) =>
        Assert.That(
            JsonSerializer.Serialize(JsonSerializer.Deserialize<DateTimeOffset>($"\"{time}\"", WombatJson.Options), WombatJson.Options),
            Is.EqualTo($"\"{written}\"")
        );
}
