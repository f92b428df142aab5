using Wombat.Application.Directories;
using Wombat.Domain.Directories;
using Wombat.Domain.Members;
using Wombat.Domain.Users;

namespace Wombat.Application.Tests.Directories;

public sealed class DirectoryPlanTests
{
    private static readonly RoleMappings Mappings = new([Mapping("admins -> admin"), Mapping("developers -> apples:developer")]);
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Created_ForAnUnknownEntry_HasItsLoginAndProfile()
    {
        var plan = Plan([Entry("1", "Anna")]);
        var (user, login, profile) = plan.Created.Single();
        Assert.That(
            (user.Id, login, profile),
            Is.EqualTo(("1", "anna", new UserProfile("anna@example.org", "Anna A", PlatformRole.None, true)))
        );
        Assert.That((plan.Changed.Count, plan.Vanished.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Changed_WhenNothingDiffers_IsEmpty() => Assert.That(Plan([Entry("1", "anna")], [Known("1", "anna")]).Changed, Is.Empty);

    [Test]
    public void Changed_WhenEntryWasRenamed_HasTheNewLogin()
    {
        var plan = Plan([Entry("1", "anne")], [Known("1", "anna")]);
        Assert.That(plan.Changed.Single().Login, Is.EqualTo("anne"));
        Assert.That(plan.Created, Is.Empty);
    }

    [Test]
    public void Changed_WhenTwoEntriesSwapTheirLogins_SwapsThem()
    {
        var plan = Plan([Entry("1", "ben"), Entry("2", "anna")], [Known("1", "anna"), Known("2", "ben")]);
        Assert.That(plan.Changed.Select(c => (c.Known.Subject, c.Login)), Is.EquivalentTo(new[] { ("1", "ben"), ("2", "anna") }));
    }

    [TestCase(true, true, Description = "deactivated because its entry had disappeared")]
    [TestCase(false, false, Description = "deactivated by hand")]
    public void Changed_WhenEntryReturns_ReactivatesOnlyWhomTheSyncDeactivated(bool vanished, bool active)
    {
        var known = Known("1", "anna", active: false) with { VanishedAt = vanished ? Now : null };
        var plan = Plan([Entry("1", "anna")], [known]);
        Assert.That(plan.Changed.SingleOrDefault()?.Profile.Active ?? known.Profile.Active, Is.EqualTo(active));
    }

    [Test]
    public void Vanished_WhenEntryIsMissing_ContainsTheActiveUser()
    {
        var plan = Plan([], [Known("1", "anna"), Known("2", "ben", active: false)]);
        Assert.That(plan.Vanished.Select(v => v.Login), Is.EqualTo(new[] { "anna" }));
    }

    [Test]
    public void Created_WhenLoginBelongsToALocalUser_IsSkipped()
    {
        var plan = Plan([Entry("1", "anna")], others: ["anna"]);
        Assert.That(plan.Created, Is.Empty);
    }

    [Test]
    public void Created_WhenLoginIsInvalid_IsSkipped() => Assert.That(Plan([Entry("1", "_anna")]).Created, Is.Empty);

    [Test]
    public void Created_WhenTwoEntriesHaveOneLogin_ContainsTheFirst() =>
        Assert.That(Plan([Entry("1", "anna"), Entry("2", "ANNA")]).Created.Select(c => c.User.Id), Is.EqualTo(new[] { "1" }));

    [Test]
    public void Vanished_WhenEntryShowsNoId_DoesNotContainTheUserOfItsLogin()
    {
        var plan = Plan([Entry("", "anna")], [Known("1", "anna")]);
        Assert.That((plan.Vanished.Count, plan.Created.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Grants_ThroughNestedGroups_AreThoseOfEveryGroup()
    {
        var plan = Plan(
            [Entry("1", "anna")],
            groups:
            [
                new DirectoryGroup("cn=developers", "developers", ["cn=trainees"]),
                new DirectoryGroup("cn=trainees", "trainees", ["cn=developers", "uid=anna"]),
            ]
        );
        Assert.That(plan.Grants["1"].Roles, Is.EquivalentTo(new Dictionary<string, ProjectRole> { ["apples"] = ProjectRole.Developer }));
    }

    [TestCase("uid=anna", PlatformRole.Admin)]
    [TestCase("uid=ben", PlatformRole.None)]
    public void Created_WhenGroupsDecideAdmins_HasThePlatformRole(string admin, PlatformRole role)
    {
        var plan = Plan([Entry("1", "anna")], groups: [new DirectoryGroup("cn=admins", "admins", [admin])]);
        Assert.That(plan.Created.Single().Profile.PlatformRole, Is.EqualTo(role));
    }

    private static RoleMapping Mapping(string text) =>
        RoleMapping.TryParse(text, out var mapping) ? mapping : throw new ArgumentException(text, nameof(text));

    private static DirectoryPlan Plan(
        DirectoryUser[] users,
        KnownUser[]? known = null,
        string[]? others = null,
        DirectoryGroup[]? groups = null
    ) => new(new DirectoryContents(users, groups ?? [], []), known ?? [], (others ?? []).ToHashSet(StringComparer.Ordinal), Mappings);

    private static DirectoryUser Entry(string id, string login) =>
        new(id, $"uid={login}", login, login, $"{login}@example.org".ToLowerInvariant(), "Anna A");

    private static KnownUser Known(string subject, string login, bool active = true) =>
        new(Guid.NewGuid(), subject, login, new UserProfile($"{login}@example.org", "Anna A", PlatformRole.None, active), null);
}
