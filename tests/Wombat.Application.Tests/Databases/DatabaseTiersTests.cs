using Wombat.Application.Databases;
using Wombat.Domain.Databases;
using Wombat.Domain.Projects;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tests.Databases;

public sealed class DatabaseTiersTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    // An expiry deletes, so who may not lift the protection may not set one either.
    [TestCase(true, 1, "tier")]
    [TestCase(false, 1, null)]
    [TestCase(true, null, null)]
    public void FindObjections_OfATierWithALifetime_ProtectsTheDatabase(bool isProtected, int? days, string? field)
    {
        var project = Project.Create("Name", "name", ProjectDetails.Default, Now);
        var database = Database.Create(project, "local-postgres", "orders", new DatabaseSpec("dev"), Now);
        database.Change(null, isProtected, Now);
        var tier = Tier.Create("brief", Now);
        tier.Change("", null, new TierSpec { MaxLifetimeDays = days }, Now);
        Assert.That(DatabaseTiers.FindObjections(database, tier).Select(o => o.Field).SingleOrDefault(), Is.EqualTo(field));
    }
}
