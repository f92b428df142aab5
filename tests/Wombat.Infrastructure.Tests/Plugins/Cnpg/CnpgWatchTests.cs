using System.Text.Json.Nodes;
using k8s;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>One list and one watch of each kind, and what others change.</summary>
public sealed class CnpgWatchTests : CnpgTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Test]
    public async Task List_WhenNothingChanges_MakesNoRequests()
    {
        var database = await CreateAsync(Request(Pooled));
        await using var proxy = await Server.StartProxyAsync();
        var plugin = Watching(proxy);
        await UntilQuietAsync(plugin, proxy);
        var before = proxy.Requests;
        for (var i = 0; i < 100; i++)
        {
            Assert.That((await plugin.ListAsync(default)).Find(database).State, Is.EqualTo(ObservedState.Running));
        }

        Assert.That(proxy.Requests, Is.EqualTo(before));
    }

    [Test]
    public async Task WaitForChange_WhenPoolerIsDeletedByHand_CompletesAndTheListShowsIt()
    {
        var request = Request(Pooled);
        var database = await CreateAsync(request);
        await using var proxy = await Server.StartProxyAsync();
        var plugin = Watching(proxy);
        await UntilQuietAsync(plugin, proxy);
        await DrainAsync(plugin);
        await Objects.DeleteAsync("poolers", Namespace, $"{ClusterOf(request)}-pooler");
        await plugin.WaitForChangeAsync(default).WaitAsync(Soon);
        var seen = await Eventually.GetAsync(
            async () => (await plugin.ListAsync(default)).Find(database),
            o => o.State == ObservedState.Degraded,
            "the pooler is missing"
        );
        Assert.That(seen.Differences, Is.EqualTo(new[] { new ResourceDifference("Pooler", $"{ClusterOf(request)}-pooler", null) }));
    }

    [Test]
    public async Task List_WhenWatchesAreCutAndExpire_ShowsEveryChange()
    {
        var request = Request();
        var database = await CreateAsync(request);
        await using var proxy = await Server.StartProxyAsync();
        var plugin = Watching(proxy);
        await UntilQuietAsync(plugin, proxy);

        // Every watch is refused as expired for a while, so each change needs a list.
        proxy.AnswerQuery = query =>
            query.Contains("watch=true", StringComparison.Ordinal) ? FaultyAnswer.Status(410, "Expired", "too old resource version") : null;
        proxy.CutStreams();
        await EditAsync(request, new JsonObject { ["instances"] = 3 });
        await DriftsAsync(plugin, database, "instances");
        proxy.AnswerQuery = _ => null;
        await UntilQuietAsync(plugin, proxy);
        for (var instances = 4; instances < 7; instances++)
        {
            proxy.CutStreams();
            await EditAsync(request, new JsonObject { ["instances"] = instances });
            await Eventually.UntilAsync(
                async () => Differences((await plugin.ListAsync(default)).Find(database)).Any(d => d.Actual == $"{instances}"),
                $"the list shows {instances} instances"
            );
        }
    }

    [Test]
    public async Task Status_WhenFieldsAreEditedByHand_ShowsEachUntilAppliedAgain()
    {
        var request = Request(
            BackedUp with
            {
                PoolerInstances = 1,
                Settings = new Dictionary<string, string> { ["work_mem"] = "8MB" },
            }
        );
        var database = await CreateAsync(request);
        Assert.That((await Plugin.StatusAsync(database, default)).Differences, Is.Empty);
        var parameters = new JsonObject { ["work_mem"] = "64MB" };
        await EditAsync(
            request,
            new JsonObject
            {
                ["postgresql"] = new JsonObject { ["parameters"] = parameters },
                ["instances"] = 2,
            }
        );
        await Objects.MergeAsync(
            "poolers",
            Namespace,
            $"{ClusterOf(request)}-pooler",
            new JsonObject { ["spec"] = new JsonObject { ["pgbouncer"] = new JsonObject { ["poolMode"] = "transaction" } } }
        );
        await Objects.DeleteAsync("scheduledbackups", Namespace, $"{ClusterOf(request)}-backup");
        await Server.Client.NetworkingV1.DeleteNamespacedNetworkPolicyAsync(ClusterOf(request), Namespace);
        var seen = await Plugin.StatusAsync(database, default);
        Assert.That(
            seen.Differences,
            Is.EquivalentTo(
                new[]
                {
                    new ResourceDifference("instances", "1", "2"),
                    new ResourceDifference("settings.work_mem", "8MB", "64MB"),
                    new ResourceDifference("Pooler.spec.pgbouncer.poolMode", "session", "transaction"),
                    new ResourceDifference("ScheduledBackup", $"{ClusterOf(request)}-backup", null),
                    new ResourceDifference("NetworkPolicy", ClusterOf(request), null),
                }
            )
        );
        await CreateAsync(request with { Resource = database });
        Assert.That((await Plugin.StatusAsync(database, default)).Differences, Is.Empty);
    }

    [Test]
    public async Task Adopt_WhenFieldsAreEditedByHand_TakesOverWhatTheSpecHolds()
    {
        var request = Request(Pooled);
        var database = await CreateAsync(request);
        await EditAsync(request, new JsonObject { ["instances"] = 2, ["enableSuperuserAccess"] = true });
        var adopted = request with
        {
            Resource = database,
            Spec = request.Spec with { Settings = request.Spec.Settings with { Instances = 2 } },
        };
        var seen = await Plugin.AdoptAsync(adopted, Log, default);
        Assert.That(seen.Differences, Is.EqualTo(new[] { new ResourceDifference("Cluster.spec.enableSuperuserAccess", "false", "true") }));
        Assert.That((await Plugin.RepairAsync(adopted, Log, default)).Differences, Is.Empty);
        var spec = (await Objects.FindAsync("clusters", Namespace, ClusterOf(request)))!["spec"]!;
        Assert.That(((int)spec["instances"]!, (bool)spec["enableSuperuserAccess"]!), Is.EqualTo((2, false)));
    }

    [Test]
    public async Task List_WhenClusterIsDeletedByHand_ShowsItAsMissing()
    {
        var request = Request();
        var database = await CreateAsync(request);
        await Objects.DeleteAsync("clusters", Namespace, ClusterOf(request));
        await Eventually.UntilAsync(
            async () => (await Plugin.ListAsync(default)).Find(database).State == ObservedState.Missing,
            "the cluster is missing"
        );
        Assert.That(
            async () => await Plugin.RepairAsync(request with { Resource = database }, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
    }

    [Test]
    public async Task Repair_WhenClusterIsDeletedByHand_RestoresItFromItsBackups()
    {
        var request = Request(BackedUp);
        var database = request with { Resource = await CreateAsync(request) };
        await QueryAsync(database.Resource, "create table t (n int); insert into t values (1)");
        await Plugin.BackUpAsync(database, Log, default);
        await Objects.DeleteAsync("clusters", Namespace, ClusterOf(request));
        var seen = await Plugin.StatusAsync(database.Resource, default);
        Assert.That(seen.State, Is.EqualTo(ObservedState.Missing));
        Assert.That(seen.Differences, Is.EqualTo(new[] { new ResourceDifference("Cluster", ClusterOf(request), null) }));
        var repaired = await Plugin.RepairAsync(database, Log, default);
        Assert.That((repaired.State, repaired.Differences!.Count), Is.EqualTo((ObservedState.Running, 0)), repaired.Note);
        Assert.That(await QueryAsync(database.Resource, "select n from t"), Is.EqualTo("1"));
    }

    private CnpgPlugin Watching(FaultyKubernetes proxy) =>
        NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });

    // After the start the plugin lists directly, until its watches are known to be ahead of its own changes.
    private static Task UntilQuietAsync(CnpgPlugin plugin, FaultyKubernetes proxy) =>
        Eventually.UntilAsync(
            async () =>
            {
                var before = proxy.Requests;
                await plugin.ListAsync(default);
                return proxy.Requests == before;
            },
            "a list makes no requests"
        );

    private static async Task DrainAsync(CnpgPlugin plugin)
    {
        using var nothing = new CancellationTokenSource();
        var pending = plugin.WaitForChangeAsync(nothing.Token);
        await Task.WhenAny(pending, Task.Delay(TimeSpan.FromMilliseconds(200)));
        await nothing.CancelAsync();
    }

    private Task EditAsync(ProvisionRequest<DatabaseSpec> request, JsonObject spec) =>
        Objects.MergeAsync("clusters", Namespace, ClusterOf(request), new JsonObject { ["spec"] = spec });

    private static Task DriftsAsync(CnpgPlugin plugin, ResourceRef database, string field) =>
        Eventually.UntilAsync(
            async () => Differences((await plugin.ListAsync(default)).Find(database)).Any(d => d.Field == field),
            $"{field} differs"
        );

    private static IReadOnlyList<ResourceDifference> Differences(ResourceObservation seen) => seen.Differences ?? [];
}
