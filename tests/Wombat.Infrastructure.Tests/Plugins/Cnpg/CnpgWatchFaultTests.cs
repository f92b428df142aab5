using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>Watches that expire, fail, are silent or tell nonsense: no change is lost, and the server is not flooded.</summary>
public sealed partial class CnpgWatchFaultTests : CnpgTests
{
    // Without pauses there were thousands.
    private const int MaxRequests = 150;
    private static readonly TimeSpan Observed = TimeSpan.FromSeconds(3);

    private FaultyKubernetes proxy = null!;

    [SetUp]
    public async Task StartProxy() => proxy = await Server.StartProxyAsync();

    [TearDown]
    public Task StopProxy() => proxy.DisposeAsync().AsTask();

    [Test]
    public async Task Take_WhenSomeHaveChanged_NamesThemOnly()
    {
        var (request, other) = (Request(), Request());
        var database = await CreateAsync(request);
        await CreateAsync(other);
        var plugin = Watching();
        await UntilWatchedAsync(plugin);
        await EditAsync(request, instances: 3);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        await Eventually.UntilAsync(
            () =>
            {
                var taken = plugin.TakeWatched()!;
                changed.UnionWith(taken.ChangedKeys);
                return (taken.Listing.Find(database).Differences ?? []).Count > 0;
            },
            "the change is told"
        );
        await Eventually.UntilAsync(
            () =>
            {
                var later = plugin.TakeWatched()!.ChangedKeys;
                changed.UnionWith(later);
                return later.Count == 0;
            },
            "nothing else has changed"
        );
        Assert.That(changed, Is.EqualTo(new[] { request.Resource.ExternalKey }));
    }

    [Test]
    public async Task Watch_WhenItsVersionIsTooOld_ListsAgain()
    {
        var request = Request();
        var database = await CreateAsync(request);
        var plugin = Watching();
        await UntilWatchedAsync(plugin);

        // The server itself tells that this version is too old, in an answer of its own form.
        proxy.ChangeQuery = query => IsWatch(query) ? VersionRegex().Replace(query, "resourceVersion=1") : query;
        proxy.CutStreams();
        await EditAsync(request, instances: 3);
        await DriftsAsync(plugin, database);
        await AssertIsCalmAsync();
    }

    [Test]
    public async Task Watch_WhenItEndsWithoutAnEvent_ContinuesWithoutAList()
    {
        var plugin = Watching();
        await UntilWatchedAsync(plugin);
        var lists = 0;
        proxy.AnswerQuery = query =>
        {
            Interlocked.Add(ref lists, IsWatch(query) ? 0 : 1);
            return IsWatch(query) ? new FaultyAnswer(200, "") : null;
        };
        proxy.CutStreams();
        await AssertIsCalmAsync();
        Assert.That(plugin.TakeWatched(), Is.Not.Null);
        Assert.That((await plugin.HealthAsync(default)).Healthy, Is.True);
        Assert.That(lists, Is.Zero);
    }

    [Test]
    public async Task Watch_WhenForbidden_IsNotRepeatedAtOnceAndTheHealthTellsIt()
    {
        var request = Request();
        var database = await CreateAsync(request);
        proxy.AnswerQuery = query => IsWatch(query) ? FaultyAnswer.Status(403, "Forbidden", "may not watch") : null;
        var plugin = Watching();
        Assert.That(plugin.TakeWatched(), Is.Null);
        await EditAsync(request, instances: 3);
        Assert.That((await plugin.ListAsync(default)).Find(database).Differences, Is.Not.Empty);
        var health = await Eventually.GetAsync(
            () => plugin.HealthAsync(default),
            h => h.Message.Contains("may not watch", StringComparison.Ordinal),
            "the health tells it"
        );
        Assert.That(health.Healthy, Is.True);
        await AssertIsCalmAsync();

        proxy.AnswerQuery = _ => null;
        await UntilWatchedAsync(plugin);
        Assert.That((await plugin.HealthAsync(default)).Message, Does.Not.Contain("may not watch"));
    }

    [Test]
    public async Task Watch_WhenServerTellsNonsense_GoesOn()
    {
        var request = Request();
        var database = await CreateAsync(request);
        var plugin = Watching();
        await UntilWatchedAsync(plugin);
        proxy.AnswerQuery = query =>
            IsWatch(query) ? new FaultyAnswer(200, """{"type": "MODIFIED", "object": {"kind": 7}}""" + "\nnonsense\n") : null;
        proxy.CutStreams();
        await AssertIsCalmAsync();
        proxy.AnswerQuery = _ => null;
        await EditAsync(request, instances: 3);
        await DriftsAsync(plugin, database);
    }

    [Test]
    public async Task Watch_WhenServerIsSilent_ListsAgain()
    {
        var request = Request();
        await CreateAsync(request);
        var time = new FastTime(40);
        var options = new CnpgOptions
        {
            Instance = "cnpg",
            Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port),
            CallTimeout = TimeSpan.FromMinutes(20),
        };
        using var api = new KubernetesApi(options, time);
        var watch = new KubernetesWatch(api, KubernetesKind.Cluster, Namespace, CnpgNames.KeyLabel, _ => { }, time);
        using var stop = new CancellationTokenSource();
        proxy.IsSilent = IsWatch;
        var running = watch.RunAsync(stop.Token);
        await InstancesAsync(watch, request, 1);
        await EditAsync(request, instances: 3);
        await InstancesAsync(watch, request, 3);
        proxy.IsSilent = _ => false;
        await EditAsync(request, instances: 4);
        await InstancesAsync(watch, request, 4);
        await stop.CancelAsync();
        await running;
    }

    [Test]
    public async Task Wait_WhenItLastsLongerThanDisuse_TellsChanges()
    {
        var request = Request();
        await CreateAsync(request);
        var options = new CnpgOptions
        {
            Instance = "cnpg",
            Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat),
            Namespace = Namespace,
        };
        using var api = new KubernetesApi(options, TimeProvider.System);
        using var watch = new ClusterWatch(api, options, TimeProvider.System) { LongestDisuse = TimeSpan.FromMilliseconds(200) };
        var told = ToldAsync(watch, request, instances: 3);
        await Task.Delay(TimeSpan.FromSeconds(1));
        await EditAsync(request, instances: 3);
        await told.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task ToldAsync(ClusterWatch watch, ProvisionRequest<DatabaseSpec> request, int instances)
    {
        while (watch.Take()?.All.Clusters.Any(c => c.Id.Name == ClusterOf(request) && c.Instances == instances) != true)
        {
            await watch.WaitForChangeAsync(default);
        }
    }

    [Test]
    public async Task Watch_WhenWombatStops_Ends()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
            ["WOMBAT_PLUGINS_K8S_TYPE"] = "cnpg",
            ["WOMBAT_PLUGINS_K8S_DEFAULT"] = "true",
            ["WOMBAT_PLUGINS_K8S_KUBECONFIG"] = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port),
        };
        var services = new ServiceCollection()
            .AddLogging()
            .AddApplication()
            .AddInfrastructure(WombatSettings.Read(settings, new Dictionary<string, string>(StringComparer.Ordinal)), "Host=127.0.0.1")
            .BuildServiceProvider();
        await UntilWatchedAsync((CnpgPlugin)services.GetRequiredService<PluginRegistry>().Get("k8s"));
        await services.DisposeAsync();
        var before = proxy.Requests;
        proxy.CutStreams();
        await Task.Delay(Observed);
        Assert.That(proxy.Requests, Is.EqualTo(before));
    }

    // The moments are the point: it counts what is sent meanwhile.
    private async Task AssertIsCalmAsync()
    {
        var before = proxy.Requests;
        await Task.Delay(Observed);
        Assert.That(proxy.Requests - before, Is.LessThanOrEqualTo(MaxRequests));
    }

    private CnpgPlugin Watching() => NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });

    // Until the watches have told of everything that there is.
    private static Task UntilWatchedAsync(CnpgPlugin plugin) =>
        Eventually.UntilAsync(() => plugin.TakeWatched() is { ChangedKeys.Count: 0 }, "the objects are watched");

    private static Task DriftsAsync(CnpgPlugin plugin, ResourceRef database) =>
        Eventually.UntilAsync(
            () => plugin.TakeWatched()?.Listing.Find(database).Differences?.Any(d => d.Field == "instances") == true,
            "the watch has told the change"
        );

    private static Task InstancesAsync(KubernetesWatch watch, ProvisionRequest<DatabaseSpec> request, int expected) =>
        Eventually.UntilAsync(
            () =>
                watch.IsCurrent
                && watch.Objects.Values.Any(o => CnpgObjects.Name(o) == ClusterOf(request) && (int)o["spec"]!["instances"]! == expected),
            $"the watch knows {expected} instances",
            TimeSpan.FromSeconds(60)
        );

    private Task EditAsync(ProvisionRequest<DatabaseSpec> request, int instances) =>
        Objects.MergeAsync(
            "clusters",
            Namespace,
            ClusterOf(request),
            new JsonObject { ["spec"] = new JsonObject { ["instances"] = instances } }
        );

    private static bool IsWatch(string query) => query.Contains("watch=true", StringComparison.Ordinal);

    [GeneratedRegex("resourceVersion=[0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionRegex();

    /// <summary>A clock that runs so many times faster.</summary>
    private sealed class FastTime(int factor) : TimeProvider
    {
        public override long GetTimestamp() => System.GetTimestamp() * factor;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new FastTimer(System.CreateTimer(callback, state, Shorten(dueTime), period), this);

        private TimeSpan Shorten(TimeSpan due) => due > TimeSpan.Zero ? due / factor : due;

        private sealed class FastTimer(ITimer timer, FastTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Shorten(dueTime), period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
