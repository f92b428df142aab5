using k8s;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

public sealed class CnpgLifeCycleTests : CnpgTests
{
    [Test]
    public async Task Health_WhenServerAnswers_IsHealthy() => Assert.That(await Plugin.HealthAsync(default), Has.Property("Healthy").True);

    [Test]
    public async Task Provision_WithATokenOfAProgram_IsAuthorized()
    {
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.ExecKubeconfig(KubernetesServer.Wombat) });
        Assert.That((await plugin.ProvisionAsync(Request(), Log, default)).State, Is.EqualTo(ObservedState.Running));
        var stranger = NewPlugin(o => o with { Kubeconfig = Server.ExecKubeconfig("stranger") });
        Assert.That(
            async () => await stranger.ListAsync(default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Unauthorized)
        );
    }

    [TestCase("exit 3")]
    [TestCase("echo nothing")]
    public async Task Health_WhenTheProgramGivesNoToken_NamesTheSetting(string script)
    {
        var plugin = NewPlugin(o => o with { Kubeconfig = Server.ExecKubeconfig(KubernetesServer.Wombat, script) });
        var health = await plugin.HealthAsync(default);
        Assert.That(health.Healthy, Is.False);
        Assert.That(health.Message, Does.StartWith("plugins.cnpg.kubeconfig: "));
    }

    [Test]
    public async Task Health_WithoutAKubeconfigOutsideOfAPod_NamesTheSetting()
    {
        var plugin = NewPlugin(o => o with { Kubeconfig = null });
        await plugin.InitializeAsync(default);
        var health = await plugin.HealthAsync(default);
        Assert.That(health.Healthy, Is.False);
        Assert.That(health.Message, Does.StartWith("plugins.cnpg.kubeconfig: ").And.Contain("KUBERNETES_SERVICE_HOST"));
    }

    [Test]
    public async Task Provision_WithPooler_ConnectsThroughIt()
    {
        var database = await CreateAsync(Request(Pooled));
        var credentials = await Plugin.GetCredentialsAsync(database, null, default);
        Assert.That((credentials.User, credentials.DatabaseName, credentials.SslMode), Is.EqualTo(("app", "app", "verify-ca")));
        await using var connection = await ConnectAsync(credentials);
        Assert.That(
            await QueryAsync(connection, "select current_user || ' ' || (select count(*) from pg_stat_ssl where ssl)::text"),
            Is.EqualTo("app 1")
        );
    }

    [Test]
    public async Task Provision_WithBackupsAndPooler_CreatesWhatTheTierPromises()
    {
        var request = Request(
            Pooled with
            {
                BackupSchedule = "0 3 * * *",
                Instances = 2,
                Settings = new Dictionary<string, string> { ["work_mem"] = "8MB" },
            }
        );
        var database = await CreateAsync(request);
        var name = ClusterOf(request);
        var spec = (await Objects.FindAsync("clusters", Namespace, name))!["spec"]!;
        var pooler = (await Objects.FindAsync("poolers", Namespace, $"{name}-pooler"))!["spec"]!;
        var schedule = (await Objects.FindAsync("scheduledbackups", Namespace, $"{name}-backup"))!["spec"]!;
        var policy = await Server.Client.NetworkingV1.ReadNamespacedNetworkPolicyAsync(name, Namespace);
        Assert.Multiple(() =>
        {
            Assert.That(database.ExternalId, Is.EqualTo($"{Namespace}/{name}"));
            Assert.That(spec["instances"]!.GetValue<int>(), Is.EqualTo(2));
            Assert.That(spec["storage"]!["size"]!.GetValue<string>(), Is.EqualTo("1024Mi"));
            Assert.That(spec["resources"]!["limits"]!["memory"]!.GetValue<string>(), Is.EqualTo("256Mi"));
            Assert.That(spec["postgresql"]!["parameters"]!["work_mem"]!.GetValue<string>(), Is.EqualTo("8MB"));
            Assert.That(spec["postgresql"]!["pg_hba"]![0]!.GetValue<string>(), Is.EqualTo("hostnossl all all all reject"));
            Assert.That(pooler["pgbouncer"]!["poolMode"]!.GetValue<string>(), Is.EqualTo("transaction"));
            Assert.That(schedule["schedule"]!.GetValue<string>(), Is.EqualTo("0 0 3 * * *"));
            Assert.That(policy.Spec.PolicyTypes, Is.EqualTo(new[] { "Ingress" }));
            Assert.That(policy.Spec.Ingress[0].FromProperty[0].NamespaceSelector.MatchLabels["wombat/project"], Is.EqualTo("shop"));
            Assert.That(policy.Metadata.Labels["wombat/key"], Is.EqualTo(request.Resource.ExternalKey));
        });
    }

    [Test]
    public async Task Provision_WhenFirstAnswerWasLost_FindsItsCluster()
    {
        var request = Request();
        var log = new CollectedLog();
        var first = await Plugin.ProvisionAsync(request, log, default);
        var second = await Plugin.ProvisionAsync(request, Log, default);
        Assert.That((second.State, second.ExternalId), Is.EqualTo((ObservedState.Running, first.ExternalId)));
        Assert.That(log.Made, Is.EqualTo(first.ExternalId));
        Assert.That((await Plugin.ListAsync(default)).All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Provision_WhenNameBelongsToAnother_IsAConflict()
    {
        var request = Request();
        await CreateAsync(request);
        var other = request with { Resource = request.Resource with { ExternalKey = "wombat-other" } };
        Assert.That(
            async () => await Plugin.ProvisionAsync(other, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
    }

    [Test]
    public async Task Deprovision_WhenProvisioned_LeavesNothing()
    {
        var request = Request(Pooled with { BackupSchedule = "0 3 * * *" });
        var database = await CreateAsync(request);
        await Plugin.SaveUserAsync(database, new DatabaseUserSpec("reader", DatabaseRole.ReadOnly), Log, default);
        await Plugin.DeprovisionAsync(database, Log, default);
        await Plugin.DeprovisionAsync(database, Log, default);
        Assert.That((await Plugin.StatusAsync(database, default)).State, Is.EqualTo(ObservedState.Missing));
        Assert.That((await Plugin.ListAsync(default)).All, Is.Empty);
        foreach (var plural in new[] { "clusters", "poolers", "scheduledbackups", "backups" })
        {
            Assert.That(
                (await Objects.ListAsync(plural)).Where(o => o["metadata"]!["namespace"]!.GetValue<string>() == Namespace),
                Is.Empty,
                plural
            );
        }

        Assert.That((await Server.Client.NetworkingV1.ListNamespacedNetworkPolicyAsync(Namespace)).Items, Is.Empty);
        await Eventually.UntilAsync(
            async () => (await Server.Client.CoreV1.ListNamespacedSecretAsync(Namespace)).Items.Count == 0,
            "the secrets are gone"
        );
    }

    [Test]
    public async Task Deprovision_WhenAnotherExists_LeavesIt()
    {
        var other = await CreateAsync(Request());
        await Plugin.DeprovisionAsync(Request().Resource, Log, default);
        Assert.That((await Plugin.StatusAsync(other, default)).State, Is.EqualTo(ObservedState.Running));
    }

    [Test]
    public async Task Freeze_WhenUnfrozen_KeepsTheRows()
    {
        var database = await CreateAsync(Request());
        await QueryAsync(database, "create table t (n int); insert into t values (1)");
        var frozen = await Plugin.FreezeAsync(database, "unpaid", Log, default);
        Assert.That((frozen.State, frozen.Note), Is.EqualTo((ObservedState.Frozen, "unpaid")));
        Assert.That(async () => await ConnectAsync(database), Throws.InstanceOf<NpgsqlException>());
        Assert.That((await Plugin.FreezeAsync(database, "unpaid", Log, default)).State, Is.EqualTo(ObservedState.Frozen));
        Assert.That((await Plugin.UnfreezeAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(await QueryAsync(database, "select n from t"), Is.EqualTo("1"));
    }

    [Test]
    public async Task Restart_WhenRunning_StartsTheServerAgain()
    {
        var database = await CreateAsync(Request());
        var before = await QueryAsync(database, "select pg_postmaster_start_time()::text");
        Assert.That((await Plugin.RestartAsync(database, Log, default)).State, Is.EqualTo(ObservedState.Running));
        Assert.That(await QueryAsync(database, "select pg_postmaster_start_time()::text"), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Resize_WhenStorageShrinks_IsRefusedAndChangesNothing()
    {
        var request = Request();
        var database = await CreateAsync(request);
        var larger = request with
        {
            Resource = database,
            Spec = request.Spec with
            {
                Settings = new TierSpec { StorageMib = 2048, PoolerInstances = 1 },
            },
        };
        Assert.That((await Plugin.ResizeAsync(larger, request.Spec, Log, default)).Endpoints[0].Name, Is.EqualTo("pooler"));
        var smaller = larger with
        {
            Spec = request.Spec with
            {
                Settings = new TierSpec { StorageMib = 1024, Instances = 3 },
            },
        };
        Assert.That(
            async () => await Plugin.ResizeAsync(smaller, larger.Spec, Log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Invalid).And.Message.Contains("2048 MiB")
        );
        var spec = (await Objects.FindAsync("clusters", Namespace, ClusterOf(request)))!["spec"]!;
        Assert.That((spec["storage"]!["size"]!.GetValue<string>(), spec["instances"]!.GetValue<int>()), Is.EqualTo(("2048Mi", 1)));
    }

    [Test]
    public async Task Status_WhenPoolerIsDeletedByHand_IsDegradedUntilProvisionedAgain()
    {
        var request = Request(Pooled);
        var database = await CreateAsync(request);
        await Objects.DeleteAsync("poolers", Namespace, $"{ClusterOf(request)}-pooler");
        var seen = await Plugin.StatusAsync(database, default);
        Assert.That((seen.State, seen.Note), Is.EqualTo((ObservedState.Degraded, $"The Pooler {ClusterOf(request)}-pooler is missing.")));
        Assert.That((await Plugin.ListAsync(default)).Find(database).State, Is.EqualTo(ObservedState.Degraded));
        await CreateAsync(request with { Resource = database });
    }

    [Test]
    public async Task FindObjections_WhenServerRefusesAField_NamesIt()
    {
        var plugin = NewPlugin(o =>
            o with
            {
                Images = new Dictionary<int, string> { [18] = "postgres:18" },
                ObjectStore = null,
            }
        );
        var none = await plugin.FindObjectionsAsync(Request(new TierSpec { PostgresVersion = 18 }).Spec, default);
        var version = await plugin.FindObjectionsAsync(Request(new TierSpec { PostgresVersion = 12 }).Spec, default);
        var backups = await plugin.FindObjectionsAsync(Request(BackedUp).Spec, default);
        Assert.That(none, Is.Empty);
        Assert.That(version.Single(), Has.Property("Prevents").True.And.Property("Message").Contains("PostgreSQL 12"));
        Assert.That(backups.Single(), Has.Property("Prevents").False.And.Property("Message").Contains("No backups"));
        Assert.That((await Plugin.ListAsync(default)).All, Is.Empty);
    }
}
