using Wombat.Domain.Plugins;

namespace Wombat.Domain.Tests.Plugins;

public sealed class ResourceListingTests
{
    private static readonly ResourceRef Known = new("container", "key", "web-1", "100");

    [Test]
    public void Find_WhenIdIsKnown_MatchesIdAndKey()
    {
        Assert.That(Of(("key", "copy", "205"), ("key", "web-1", "100")).Find(Known).ExternalId, Is.EqualTo("100"));
        Assert.That(Of(("other", "web-1", "100")).Find(Known).State, Is.EqualTo(ObservedState.Missing));
        var copied = Of(("key", "copy", "205")).Find(Known);
        Assert.That(
            (copied.State, copied.ExternalId, copied.Note),
            Is.EqualTo((ObservedState.Missing, (string?)null, "205 has the same key but was not created by Wombat; it is ignored."))
        );
    }

    [Test]
    public void Find_WhenIdIsUnknown_MatchesTheOneWithTheKey()
    {
        var withoutId = Known with { ExternalId = null };
        Assert.That(Of(("key", "web-1", "100")).Find(withoutId).ExternalId, Is.EqualTo("100"));
        Assert.That(Of(("key", "web-1", "100"), ("key", "copy", "205")).Find(withoutId).State, Is.EqualTo(ObservedState.Unknown));
        Assert.That(Of(("other", "web-1", "100")).Find(withoutId).State, Is.EqualTo(ObservedState.Missing));
    }

    [Test]
    public void Find_WhenEntryIsUnreadable_IsUnknown()
    {
        var unreadable = Of((null, "web-1", "100"), (null, "db", "101"));
        Assert.That((unreadable.Find(Known).State, unreadable.Find(Known).Note), Is.EqualTo((ObservedState.Unknown, "its node is down")));
        Assert.That(unreadable.Find(Known with { ExternalId = null }).State, Is.EqualTo(ObservedState.Unknown), "its name matches");
        Assert.That(unreadable.Find(new ResourceRef("container", "another", "mail", null)).State, Is.EqualTo(ObservedState.Missing));
    }

    private static ResourceListing Of(params (string? Key, string Name, string Id)[] all) =>
        new([
            .. all.Select(a => new ListedResource(
                a.Key,
                a.Name,
                a.Key is null
                    ? ResourceObservation.Unknown("its node is down") with
                    {
                        ExternalId = a.Id,
                    }
                    : new ResourceObservation(ObservedState.Running, a.Id)
            )),
        ]);
}
