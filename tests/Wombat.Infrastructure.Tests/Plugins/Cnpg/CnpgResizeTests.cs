using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>Resizes that fail after the Cluster was changed.</summary>
public sealed class CnpgResizeTests : CnpgTests
{
    [Test]
    public async Task Resize_WhenClusterDoesNotBecomeReady_PutsThePreviousSizeBack()
    {
        var (request, larger) = await CreateAsync();
        var hasty = larger with { Spec = larger.Spec with { Settings = larger.Spec.Settings with { ReadyTimeoutSeconds = 3 } } };
        var fault = new CnpgFault { Phase = "Waiting for the instances to become active", PhaseReason = "no node has memory" };
        Operator.SetFault(request.Resource.ExternalId!, fault);
        Assert.That(
            async () => await Plugin.ResizeAsync(hasty, request.Spec, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("no node has memory")
        );
        Operator.SetFault(request.Resource.ExternalId!, null);

        // Volumes cannot shrink.
        Assert.That(await SizeAsync(request), Is.EqualTo((1, "256Mi", "2048Mi", (string?)null)));
        Assert.That(await Objects.FindAsync("poolers", Namespace, $"{ClusterOf(request)}-pooler"), Is.Null);
        var seen = await Plugin.StatusAsync(request.Resource, default);
        Assert.That(seen.Differences, Is.EqualTo(new[] { new ResourceDifference("storage", "1024", "2048") }));

        Assert.That((await Plugin.RepairAsync(request, Log, default)).Differences, Is.EqualTo(seen.Differences));
        Assert.That((await SizeAsync(request)).Storage, Is.EqualTo("2048Mi"));
        Assert.That((await Plugin.ResizeAsync(larger, request.Spec, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(await SizeAsync(request), Is.EqualTo((2, "512Mi", "2048Mi", "8MB")));
        Assert.That((await Plugin.StatusAsync(request.Resource, default)).Differences, Is.Empty);
    }

    [Test]
    public async Task Resize_WhenCancelled_PutsThePreviousSizeBack()
    {
        var (request, larger) = await CreateAsync();
        Operator.SetFault(request.Resource.ExternalId!, new CnpgFault { IsAway = true });
        using var cancel = new CancellationTokenSource();
        var resize = Plugin.ResizeAsync(larger, request.Spec, Log, cancel.Token);
        await Eventually.UntilAsync(async () => (await SizeAsync(request)).Instances == 2, "the Cluster is changed");
        await cancel.CancelAsync();
        Assert.That(async () => await resize, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await SizeAsync(request), Is.EqualTo((1, "256Mi", "2048Mi", (string?)null)));
    }

    [Test]
    public async Task Resize_WhenTheClusterIsDeleted_MakesNoEmptyOne()
    {
        var (request, larger) = await CreateAsync();
        Operator.SetFault(request.Resource.ExternalId!, new CnpgFault { IsAway = true });
        var resize = Plugin.ResizeAsync(larger, request.Spec, Log, default);
        await Eventually.UntilAsync(async () => (await SizeAsync(request)).Instances == 2, "the Cluster is changed");
        await Objects.DeleteAsync("clusters", Namespace, ClusterOf(request));
        Assert.That(
            async () => await resize,
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
        Assert.That(await Objects.FindAsync("clusters", Namespace, ClusterOf(request)), Is.Null);
        Assert.That((await Plugin.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Missing));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Resize_WhenItCannotBePutBack_IsShownAsDrift(bool adopts)
    {
        var (request, larger) = await CreateAsync();
        await using var proxy = await Server.StartProxyAsync();
        var changed = false;
        proxy.Answer = (method, path) =>
            method == "PATCH" && Volatile.Read(ref changed) ? FaultyAnswer.Status(403, "Forbidden", "enough for today") : null;
        proxy.AnswerAfter = (method, path) =>
        {
            Volatile.Write(ref changed, changed || method == "PATCH" && path.Contains("poolers", StringComparison.Ordinal));
            return null;
        };
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });
        Assert.That(
            async () => await plugin.ResizeAsync(larger, request.Spec, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("enough for today")
        );

        ResourceDifference[] storage = [new("storage", "1024", "2048")];
        ResourceDifference[] all =
        [
            .. storage,
            new("instances", "1", "2"),
            new("memory", "256", "512"),
            new("pooler_instances", "0", "1"),
            new("settings.work_mem", null, "8MB"),
        ];
        Assert.That(await DifferencesAsync(request), Is.SupersetOf(all));
        if (adopts)
        {
            var settings = all.Aggregate(request.Spec.Settings, (tier, difference) => tier.TryAdopt(difference)!);
            var adopted = request with { Spec = request.Spec with { Settings = settings } };
            await Plugin.AdoptAsync(adopted, Log, default);
            Assert.That(await DifferencesAsync(request), Is.Empty);
            Assert.That((await Plugin.RepairAsync(adopted, Log, default)).Differences, Is.Empty);
            Assert.That(await SizeAsync(request), Is.EqualTo((2, "512Mi", "2048Mi", "8MB")));
        }
        else
        {
            Assert.That((await Plugin.RepairAsync(request, Log, default)).Differences, Is.EqualTo(storage));
            Assert.That(await SizeAsync(request), Is.EqualTo((1, "256Mi", "2048Mi", (string?)null)));
        }
    }

    [Test]
    public async Task Resize_WhenServerRefusesIt_ChangesNothing()
    {
        var (request, larger) = await CreateAsync();
        await using var proxy = await Server.StartProxyAsync();
        proxy.Answer = (method, path) =>
            method == "PATCH" && path.Contains("clusters", StringComparison.Ordinal)
                ? FaultyAnswer.Status(422, "Invalid", "spec.instances: too many")
                : null;
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });
        Assert.That(
            async () => await plugin.ResizeAsync(larger, request.Spec, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Message.Contains("too many")
        );
        Assert.That(await SizeAsync(request), Is.EqualTo((1, "256Mi", "1024Mi", (string?)null)));
        Assert.That(await DifferencesAsync(request), Is.Empty);
    }

    private async Task<(ProvisionRequest<DatabaseSpec> Request, ProvisionRequest<DatabaseSpec> Larger)> CreateAsync()
    {
        var request = Request();
        request = request with { Resource = await CreateAsync(request) };
        var tier = request.Spec.Settings with
        {
            Instances = 2,
            MemoryMib = 512,
            StorageMib = 2048,
            PoolerInstances = 1,
            Settings = new Dictionary<string, string> { ["work_mem"] = "8MB" },
        };
        return (request, request with { Spec = request.Spec with { Settings = tier } });
    }

    private async Task<IReadOnlyList<ResourceDifference>> DifferencesAsync(ProvisionRequest<DatabaseSpec> request) =>
        (await Plugin.StatusAsync(request.Resource, default)).Differences ?? [];

    private async Task<(int Instances, string Memory, string Storage, string? WorkMemory)> SizeAsync(ProvisionRequest<DatabaseSpec> request)
    {
        var spec = (await Objects.FindAsync("clusters", Namespace, ClusterOf(request)))!["spec"]!;
        return (
            (int)spec["instances"]!,
            (string)spec["resources"]!["limits"]!["memory"]!,
            (string)spec["storage"]!["size"]!,
            (string?)spec["postgresql"]!["parameters"]!["work_mem"]
        );
    }
}
