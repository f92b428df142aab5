using System.Text.Json;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Tests.Audit;

public sealed class EventActionTests
{
    [Test]
    public void All_OfTheCatalogue_HaveUniqueNames()
    {
        var names = EventAction.All.Select(a => a.Name).ToList();
        Assert.That(names, Is.Unique);
        Assert.That(names, Has.All.Matches("^[a-z_]+\\.[a-z_]+$"));
        Assert.That(EventAction.All.Select(a => a.Meaning), Has.All.EndsWith("."));
    }

    [TestCaseSource(nameof(Statuses))]
    public void OfResource_ForEveryStatus_IsListed(ResourceStatus status)
    {
        var verb = JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
        Assert.That(EventAction.OfResource("probe", verb).Name, Is.EqualTo("probe." + verb));
    }

    [Test]
    public void OfResource_WhenTheVerbIsNotListed_Throws() =>
        Assert.That(() => EventAction.OfResource("probe", "exploded"), Throws.TypeOf<InvalidOperationException>());

    [Test]
    public void OfKind_WithOperations_IncludesThem() =>
        Assert.That(
            EventAction.OfKind("probe", ["shake"]).Select(a => a.Name),
            Does.Contain("probe.shake_requested").And.Contain("probe.requested")
        );

    [Test]
    public void ErrorCodes_OfTheCatalogue_HaveUniqueNames()
    {
        Assert.That(ErrorCode.All.Select(c => c.Name), Is.Unique);
        Assert.That(ErrorCode.All.Select(c => c.Occurs), Has.All.Matches("^([0-9x]{3}|job|schedule)(, ([0-9x]{3}|job|schedule))*$"));
    }

    [Test]
    public void NotFoundOf_WhenTheNounIsListed_IsTheListedCode() =>
        Assert.That(
            (ErrorCode.NotFoundOf("user"), ErrorCode.NotFoundOf("probe").Name),
            Is.EqualTo((ErrorCode.UserNotFound, "probe_not_found"))
        );

    private static ResourceStatus[] Statuses() => Enum.GetValues<ResourceStatus>();
}
