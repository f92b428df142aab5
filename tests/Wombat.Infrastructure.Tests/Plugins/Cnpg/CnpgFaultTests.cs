using System.Net;
using k8s;
using k8s.Models;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

public sealed class CnpgFaultTests : CnpgTests
{
    [Test]
    public async Task Provision_WhenApiServerIsAway_IsUnavailableUntilItIsBack()
    {
        var port = FreePort.Next();
        var plugin = NewPlugin(o =>
            o with
            {
                Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, port),
                CallTimeout = TimeSpan.FromSeconds(3),
            }
        );
        var request = Request();
        Assert.That(
            async () => await plugin.ProvisionAsync(request, Log, default),
            Fails(ExternalFailure.Unavailable, "cannot be reached")
        );
        Assert.That((await plugin.HealthAsync(default)).Healthy, Is.False);
        await using var proxy = new TcpProxy(new IPEndPoint(IPAddress.Loopback, Server.Port), new IPEndPoint(IPAddress.Loopback, port));
        Assert.That((await plugin.ProvisionAsync(request, Log, default)).State, Is.EqualTo(ObservedState.Running));
    }

    [Test]
    public async Task Provision_WhenApiServerNeverAnswers_EndsAtTheTimeout()
    {
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var plugin = NewPlugin(o =>
            o with
            {
                Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, port),
                CallTimeout = TimeSpan.FromSeconds(1),
            }
        );
        Assert.That(async () => await plugin.ProvisionAsync(Request(), Log, default), Fails(ExternalFailure.Unavailable, "in time"));
        await Task.CompletedTask;
    }

    [TestCase(409, "Conflict")]
    [TestCase(410, "Expired")]
    [TestCase(429, "TooManyRequests")]
    [TestCase(500, "InternalError")]
    [TestCase(503, "ServiceUnavailable")]
    [TestCase(504, "Timeout")]
    public async Task Call_WhenServerFailsOnce_IsRepeated(int code, string reason)
    {
        await using var proxy = await Server.StartProxyAsync();
        var failed = 0;
        proxy.Answer = (method, path) =>
            path.Contains("clusters", StringComparison.Ordinal) && Interlocked.Exchange(ref failed, 1) == 0
                ? FaultyAnswer.Status(code, reason, "for a moment", retryAfterSeconds: 0)
                : null;
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });
        Assert.That((await plugin.ListAsync(default)).All, Is.Empty);
        Assert.That(proxy.Requests, Is.GreaterThan(1));
    }

    [Test]
    public async Task Call_WhenServerStaysBusy_IsUnavailableWithItsDelay()
    {
        await using var proxy = await Server.StartProxyAsync();
        proxy.Answer = (_, _) => FaultyAnswer.Status(429, "TooManyRequests", "slow down", retryAfterSeconds: 1);
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });
        Assert.That(
            async () => await plugin.ListAsync(default),
            Fails(ExternalFailure.Unavailable, "slow down").And.Property("RetryAfter").EqualTo(TimeSpan.FromSeconds(1))
        );
    }

    [Test]
    public async Task Provision_WhenItFailedHalfway_IsCompletedByTheNext()
    {
        await using var proxy = await Server.StartProxyAsync();
        proxy.Answer = (method, path) =>
            method == "PATCH" && path.Contains("poolers", StringComparison.Ordinal)
                ? new FaultyAnswer(502, "<html>bad gateway</html>")
                : null;
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) });
        var request = Request(Pooled);
        var log = new CollectedLog();
        Assert.That(async () => await plugin.ProvisionAsync(request, log, default), Fails(ExternalFailure.Unavailable, "502"));
        Assert.That(log.Made, Is.EqualTo($"{Namespace}/{ClusterOf(request)}"), "the id is reported before the failure");
        await CreateAsync(request);
        Assert.That((await Plugin.ListAsync(default)).All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Provision_WhenStuck_FailsAfterTheTimeOfTheTierWithTheReason()
    {
        var request = Within(Request(), 1);
        var cluster = $"{Namespace}/{ClusterOf(request)}";
        Operator.SetFault(cluster, new CnpgFault { Phase = "Setting up primary", PhaseReason = "no volume" });
        Assert.That(
            async () => await Plugin.ProvisionAsync(request, Log, default),
            Fails(ExternalFailure.Unavailable, $"The Cluster {cluster} is not ready after 1 s. Setting up primary: no volume")
        );
        Operator.SetFault(cluster, null);
        await CreateAsync(Within(request, 60));
    }

    [TestCase("Cluster is unrecoverable and needs manual intervention", ExternalFailure.Unknown)]
    [TestCase("Invalid cluster definition", ExternalFailure.Invalid)]
    [TestCase("Cluster has incomplete or invalid image catalog", ExternalFailure.Invalid)]
    public async Task Provision_WhenClusterHasFailed_FailsAtOnceInTheOperatorsWords(string phase, ExternalFailure kind)
    {
        var request = Request();
        Operator.SetFault($"{Namespace}/{ClusterOf(request)}", new CnpgFault { Phase = phase, PhaseReason = "because" });
        Assert.That(async () => await Plugin.ProvisionAsync(request, Log, default), Fails(kind, $"{phase}: because"));
        var seen = await Plugin.StatusAsync(request.Resource, default);
        Assert.That((seen.State, seen.Note), Is.EqualTo((ObservedState.Broken, $"{phase}: because")));
    }

    [Test]
    public async Task Provision_WhenSecretIsLate_WaitsForIt()
    {
        var request = Request();
        var cluster = $"{Namespace}/{ClusterOf(request)}";
        Operator.SetFault(cluster, new CnpgFault { WithholdsSecret = true });
        var waiting = Plugin.ProvisionAsync(request, Log, default);
        await Eventually.UntilAsync(
            async () => (await Plugin.StatusAsync(request.Resource, default)).State == ObservedState.Running,
            "the cluster is ready"
        );
        Assert.That(
            async () => await NewPlugin().ProvisionAsync(Within(request, 1), Log, default),
            Fails(ExternalFailure.Unavailable, $"The Secret {ClusterOf(request)}-app does not exist yet.")
        );
        Assert.That(
            async () => await Plugin.GetCredentialsAsync(request.Resource, null, default),
            Fails(ExternalFailure.Unavailable, $"The Secret {ClusterOf(request)}-app does not exist.")
        );
        Operator.SetFault(cluster, null);
        Assert.That((await waiting).State, Is.EqualTo(ObservedState.Running));
    }

    [Test]
    public async Task Provision_WhenPoolerHasFailed_SaysWhy()
    {
        var request = Request(Pooled with { PoolerInstances = 0 });
        await CreateAsync(request);
        Operator.SetFault($"{Namespace}/{ClusterOf(request)}", new CnpgFault { PoolerFailure = "image not found" });
        var pooled = Within(request with { Spec = request.Spec with { Settings = Pooled } }, 3);
        var reason = $"The Pooler {ClusterOf(request)}-pooler is failed: image not found";
        Assert.That(async () => await Plugin.ProvisionAsync(pooled, Log, default), Fails(ExternalFailure.Unavailable, reason));
        var seen = await Plugin.StatusAsync(request.Resource, default);
        Assert.That((seen.State, seen.Note), Is.EqualTo((ObservedState.Degraded, reason)));
        Operator.SetFault($"{Namespace}/{ClusterOf(request)}", null);
        await CreateAsync(Within(pooled, 60));
    }

    [Test]
    public async Task Provision_WhenNamespaceIsBeingDeleted_IsAConflict()
    {
        await Server.Client.CoreV1.DeleteNamespaceAsync(Namespace);
        Assert.That(async () => await Plugin.ProvisionAsync(Request(), Log, default), Fails(ExternalFailure.Conflict, "being terminated"));
    }

    [Test]
    public async Task Provision_WhenNamespaceIsMissing_IsCreatedOnlyIfAllowed()
    {
        var missing = $"{Namespace}-{{project}}";
        var plugin = NewPlugin(o => o with { Namespace = missing });
        Assert.That(async () => await plugin.ProvisionAsync(Request(), Log, default), Fails(ExternalFailure.NotFound, $"{Namespace}-shop"));
        var allowed = NewPlugin(o => o with { Namespace = missing, CreatesNamespaces = true });
        var request = Request();
        var made = await allowed.ProvisionAsync(request, Log, default);
        Assert.That(made.ExternalId, Does.StartWith($"{Namespace}-shop/"));
        Assert.That(
            (await allowed.StatusAsync(request.Resource, default)).State,
            Is.EqualTo(ObservedState.Running),
            "found by its key alone"
        );
        await allowed.DeprovisionAsync(request.Resource, Log, default);
        Assert.That((await allowed.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Missing));
    }

    [Test]
    public async Task Provision_WhenServerRefusesAField_IsInvalidAndNamesIt()
    {
        var request = Request(new TierSpec { Instances = 0 });
        Assert.That(async () => await Plugin.ProvisionAsync(request, Log, default), Fails(ExternalFailure.Invalid, "spec.instances"));
        var objections = await Plugin.FindObjectionsAsync(request.Spec, default);
        Assert.That(objections.Single(), Has.Property("Prevents").True.And.Property("Message").Contains("spec.instances"));
    }

    [Test]
    public async Task Provision_WhenOneVerbIsForbidden_NamesVerbAndResource()
    {
        var rules = CnpgPermissions.Rules;
        rules[0].Resources = [.. rules[0].Resources.Where(r => r != "poolers")];
        var poolers = new V1PolicyRule
        {
            ApiGroups = ["postgresql.cnpg.io"],
            Resources = ["poolers"],
            Verbs = ["get", "list", "create", "delete"],
        };
        await Server.GrantAsync(KubernetesServer.Limited, "limited", [.. rules, poolers]);
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Limited) });
        Assert.That(
            async () => await plugin.ProvisionAsync(Request(Pooled), Log, default),
            Fails(ExternalFailure.Unauthorized, "cannot patch resource \"poolers\" in API group \"postgresql.cnpg.io\"")
        );
    }

    [Test]
    public async Task Call_WhenTokenIsUnknown_IsUnauthorized()
    {
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig("stranger") });
        Assert.That(async () => await plugin.ListAsync(default), Fails(ExternalFailure.Unauthorized, "Unauthorized"));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Call_WhenCancelled_EndsAsCancelled()
    {
        var request = Request();
        Operator.SetFault($"{Namespace}/{ClusterOf(request)}", new CnpgFault { IsAway = true });
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.That(async () => await Plugin.ProvisionAsync(request, Log, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        await Plugin.DeprovisionAsync(request.Resource, Log, default);
        Assert.That((await Plugin.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Missing));
    }

    [Test]
    public async Task Provision_WhenTextsAreHostile_StoresThemAsTheyAre()
    {
        const string Hostile = "'; drop table x; -- $$ \\ \" {project} \u202e ${HOME} `id` \n- a: b";
        var request = Request();
        request = request with { Spec = request.Spec with { Purpose = Hostile, Owner = Hostile } };
        await CreateAsync(request);
        var annotations = (await Objects.FindAsync("clusters", Namespace, ClusterOf(request)))!["metadata"]!["annotations"]!;
        Assert.That(annotations["wombat/purpose"]!.GetValue<string>(), Is.EqualTo(Hostile));
        Assert.That(annotations["wombat/owner"]!.GetValue<string>(), Is.EqualTo(Hostile));
    }

    private static ProvisionRequest<DatabaseSpec> Within(ProvisionRequest<DatabaseSpec> request, int seconds) =>
        request with
        {
            Spec = request.Spec with { Settings = request.Spec.Settings with { ReadyTimeoutSeconds = seconds } },
        };

    private static NUnit.Framework.Constraints.Constraint Fails(ExternalFailure kind, string message) =>
        Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(kind).And.Message.Contains(message);
}
