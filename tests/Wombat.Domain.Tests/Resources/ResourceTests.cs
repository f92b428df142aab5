using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Tests.Resources;

public sealed class ResourceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void ExternalName_OfAContainer_IsAUniqueDnsLabel()
    {
        var first = New(new string('a', 100), new string('b', 63));
        var second = New(new string('a', 100), new string('b', 63));
        Assert.Multiple(() =>
        {
            Assert.That(first.ExternalName, Has.Length.EqualTo(63).And.Match("^[a-z][a-z0-9-]*[a-z0-9]$"));
            Assert.That(second.ExternalName, Is.Not.EqualTo(first.ExternalName));
        });
    }

    [Test]
    public void Observe_WhenStateChanges_ReturnsTheChange()
    {
        var container = New("project", "web");
        Assert.That(
            container.Observe(new ResourceObservation(ObservedState.Running, "7"), null, Now),
            Is.EqualTo(ObservationChange.Status)
        );
        Assert.That(container.Status, Is.EqualTo(ResourceStatus.Running));
        Assert.That(
            container.Observe(new ResourceObservation(ObservedState.Running, "7"), null, Now.AddSeconds(1)),
            Is.EqualTo(ObservationChange.None)
        );
        Assert.That(container.ObservedAt, Is.EqualTo(Now.AddSeconds(1)));
        Assert.That(container.Observe(ResourceObservation.Missing, "gone", Now), Is.EqualTo(ObservationChange.Status));
        Assert.That((container.Status, container.StatusReason, container.ExternalId), Is.EqualTo((ResourceStatus.Missing, "gone", "7")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Secrets_OfAContainerThatIsDeletedOrForgotten_AreRemoved(bool isForgotten)
    {
        var spec = new ContainerSpec("busybox")
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["KEY"] = "secret" },
            UserData = "#!secret",
        };
        var container = New("shop", "web", spec);
        container.Fail("no room", Now);
        Assert.That((container.Spec.Environment["KEY"], container.Spec.UserData), Is.EqualTo(("secret", "#!secret")), "for a retry");
        container.BeginDelete(Now);
        if (isForgotten)
        {
            container.FailDelete("away", Now);
            container.Forget("an admin", Now);
        }
        else
        {
            container.MarkDeleted(outcomeUnknown: false, Now);
        }

        Assert.That(container.Status, Is.EqualTo(ResourceStatus.Deleted));
        Assert.That(container.Spec.Environment, Is.EqualTo(new Dictionary<string, string?>(StringComparer.Ordinal) { ["KEY"] = null }));
        Assert.That((container.Spec.UserData, container.Spec.HasUserData), Is.EqualTo(((string?)null, true)));
    }

    [Test]
    public void Observe_WhenFactsOrEndpointsChange_KeepsThem()
    {
        var container = New("project", "web");
        var seen = new ResourceObservation(ObservedState.Running, "7")
        {
            Endpoints = [new ResourceEndpoint("host", "192.0.2.1")],
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["node"] = "pve1" },
        };
        container.Observe(seen, null, Now);
        Assert.That((container.IpAddress, container.Facts["node"], container.Matches(seen, null)), Is.EqualTo(("192.0.2.1", "pve1", true)));
        var moved = seen with { Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["node"] = "pve2" } };
        Assert.That(container.Matches(moved, null), Is.False);
        Assert.That(container.Observe(moved, null, Now), Is.EqualTo(ObservationChange.Facts));
        Assert.That(container.Observe(moved with { Facts = null }, null, Now), Is.EqualTo(ObservationChange.None));
        Assert.That(container.Facts["node"], Is.EqualTo("pve2"));
        Assert.That(
            container.Observe(new ResourceObservation(ObservedState.Stopped, "7"), null, Now),
            Is.EqualTo(ObservationChange.Status)
        );
        Assert.That(container.IpAddress, Is.Null);
    }

    [Test]
    public void Observe_WhenItDiffersFromTheRequest_IsDegradedUntilItDoesNot()
    {
        var container = New("project", "web");
        var sound = new ResourceObservation(ObservedState.Running, "7") { Differences = [] };
        var changed = sound with { Differences = [new ResourceDifference("port", "1", "2")] };
        container.Observe(sound, null, Now);
        Assert.That(container.Matches(changed, null), Is.False);
        Assert.That(container.Observe(changed, null, Now), Is.EqualTo(ObservationChange.Status));
        Assert.That((container.Status, container.StatusReason), Is.EqualTo((ResourceStatus.Degraded, "Changed outside Wombat: port.")));
        Assert.That(container.Matches(changed, null), Is.True);
        Assert.That(container.Observe(sound with { Differences = null }, null, Now), Is.EqualTo(ObservationChange.None), "not compared");
        var more = changed with { Differences = [.. changed.Differences, new ResourceDifference("roles.app", "a", null)] };
        Assert.That(container.Observe(more, "Disk.", Now), Is.EqualTo(ObservationChange.Drift));
        Assert.That(container.StatusReason, Is.EqualTo("Disk. Changed outside Wombat: port, roles.app."));
        Assert.That(container.Observe(sound, null, Now), Is.EqualTo(ObservationChange.Status));
        Assert.That((container.Status, container.Drift.Count), Is.EqualTo((ResourceStatus.Running, 0)));
    }

    [TestCase(ObservedState.Degraded)]
    [TestCase(ObservedState.Frozen)]
    public void Observe_WhenOnlyTheReasonChanges_TakesItOver(ObservedState state)
    {
        var container = New("project", "web");
        var seen = new ResourceObservation(state, "7");
        container.Observe(seen, "85 %", Now);
        Assert.That(container.Matches(seen, "85 %"), Is.True);
        Assert.That(container.Matches(seen, "86 %"), Is.False);
        Assert.That(container.Observe(seen, "86 %", Now), Is.EqualTo(ObservationChange.Facts));
        Assert.That(container.StatusReason, Is.EqualTo("86 %"));
    }

    [Test]
    public void Observe_OfALastRestorableTime_KeepsItWithoutANewVersion()
    {
        var container = New("project", "web");
        var seen = new ResourceObservation(ObservedState.Running, "7") { LastRestorableAt = Now };
        container.Observe(seen, null, Now);
        var version = container.Version;
        Assert.That(container.Observe(seen with { LastRestorableAt = Now.AddMinutes(1) }, null, Now), Is.EqualTo(ObservationChange.None));
        Assert.That((container.LastRestorableAt, container.Version), Is.EqualTo((Now.AddMinutes(1), version)));
    }

    [Test]
    public void MarkUnobserved_UntilTheNextObservation_KeepsTheStatus()
    {
        var container = New("project", "web");
        container.Observe(new ResourceObservation(ObservedState.Running, "7"), null, Now);
        Assert.That(container.MarkUnobserved("its node is down", Now.AddSeconds(1)), Is.True);
        Assert.That(container.MarkUnobserved("its node is down", Now.AddSeconds(2)), Is.False);
        Assert.That(
            (container.Status, container.IsUnobserved, container.StatusReason),
            Is.EqualTo((ResourceStatus.Running, true, "Its state is unknown: its node is down"))
        );
        Assert.That(container.ObservedAt, Is.EqualTo(Now), "it was not seen since");
        Assert.That(
            container.Observe(new ResourceObservation(ObservedState.Running, "7"), null, Now.AddSeconds(3)),
            Is.EqualTo(ObservationChange.Status)
        );
        Assert.That(
            (container.Status, container.IsUnobserved, container.StatusReason),
            Is.EqualTo((ResourceStatus.Running, false, (string?)null))
        );
    }

    [Test]
    public void BeginDelete_Twice_IsAConflict()
    {
        var container = New("project", "web");
        container.BeginDelete(Now);
        Assert.That(() => container.BeginDelete(Now), Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("already_deleting"));
        container.MarkDeleted(outcomeUnknown: false, Now);
        Assert.That(
            () => container.BeginDelete(Now),
            Throws
                .TypeOf<ConflictException>()
                .With.Property("Code")
                .EqualTo("already_deleted")
                .And.Message.EqualTo("The container is already deleted.")
        );
    }

    [Test]
    public void Forget_BeforeADeleteFailed_IsAConflict()
    {
        var container = New("project", "web");
        container.Fail("cancelled", Now);
        Assert.That(
            () => container.Forget("ann", Now),
            Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("not_forgettable")
        );
        container.BeginDelete(Now);
        container.FailDelete("the node is no more", Now);
        container.Forget("ann", Now);
        Assert.That(container.Status, Is.EqualTo(ResourceStatus.Deleted));
    }

    [Test]
    public void Forget_WhenObservedAfterAFailedDelete_IsAConflict()
    {
        var container = New("project", "web");
        container.BeginDelete(Now);
        container.FailDelete("busy", Now);
        container.Observe(new ResourceObservation(ObservedState.Running, "7"), null, Now);
        container.Fail("cancelled", Now);
        Assert.That(() => container.Forget("ann", Now), Throws.TypeOf<ConflictException>());
    }

    [Test]
    public void EnsureOperable_WhileProvisioning_IsAConflict() =>
        Assert.That(
            () => New("project", "web").EnsureOperable("stop", [ResourceStatus.Running]),
            Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("not_operable")
        );

    private static Container New(string unixName, string name, ContainerSpec? spec = null) =>
        Container.Create(
            Project.Create("Name", unixName, new ProjectDetails("", Active: true, Visibility.Private, []), Now),
            "proxmox",
            name,
            spec ?? new ContainerSpec("busybox"),
            null,
            Now
        );
}
