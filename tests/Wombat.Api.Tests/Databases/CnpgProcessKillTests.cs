using System.Text.Json.Nodes;
using k8s;
using Npgsql;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Api.Tests.Databases;

/// <summary>
/// The process is killed at a write to the Kubernetes API, and started again: before the server gets the write, or before the process gets
/// the answer. The plugin's own tests kill it at every write.
/// </summary>
[Category("Slow")]
public sealed class CnpgProcessKillTests
{
    private const string Space = "db-killed";
    private readonly ManualResetEventSlim isAccepted = new();
    private KubernetesServer kubernetes = null!;
    private CnpgObjects objects = null!;
    private FaultyKubernetes proxy = null!;
    private KilledWombat wombat = null!;
    private string project = "";

    private WombatClient Client => wombat.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        kubernetes = await SharedKubernetes.ServerAsync();
        await SharedKubernetes.OperatorAsync();
        objects = new CnpgObjects(kubernetes.Client);
        proxy = await kubernetes.StartProxyAsync();
        wombat = await KilledWombat.StartAsync(
            ("WOMBAT_JOBS_LEASE_SECONDS", "4"),
            ("WOMBAT_PLUGINS_K8S_TYPE", "cnpg"),
            ("WOMBAT_PLUGINS_K8S_DEFAULT", "true"),
            ("WOMBAT_PLUGINS_K8S_KUBECONFIG", kubernetes.Kubeconfig(KubernetesServer.Wombat, proxy.Port)),
            ("WOMBAT_PLUGINS_K8S_NAMESPACE", "db-{project}"),
            ("WOMBAT_PLUGINS_K8S_CREATE_NAMESPACES", "true"),
            ("WOMBAT_PLUGINS_K8S_LOAD_BALANCER", "true"),
            ("WOMBAT_PLUGINS_K8S_BACKUP_DESTINATION", "s3://stand-in/")
        );
        project = await Client.CreateProjectAsync("killed");
        await Client.PutAsync(
            "/api/v1/tiers/killed",
            """{"plugin":"k8s","pooler_instances":1,"backup_schedule":"0 3 * * *","deletion_policy":"hard_delete","grace_days":0}"""
        );
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await wombat.DisposeAsync();
        await proxy.DisposeAsync();
        await (await SharedKubernetes.OperatorAsync()).ClearAsync(Space);
        isAccepted.Dispose();
    }

    [Test]
    public async Task Kill_BetweenAnyTwoSteps_LeavesNoOrphanNoDoubleAndNoLostPassword()
    {
        var create = () => Client.PostAsync($"/api/v1/projects/{project}/databases", """{"name":"made","tier":"killed"}""");
        var made = $"/api/v1/databases/{(await RunAsync(create, write: 3, isWritten: true))["id"]}";
        await wombat.ScalarAsync(made, "create table t as select generate_series(1, 500) as a");
        await AssertEachHasItsObjectsAsync(databases: 1);

        var old = await Client.RevealAsync(made);
        await RunAsync(() => Client.PostAsync($"{made}/credentials/rotate", """{"end_sessions":true}"""), write: 1, isWritten: true);
        Assert.That(await wombat.ScalarAsync(made, "select count(*) from t"), Is.EqualTo(500L));
        Assert.That(
            async () => await LocalDatabases.ScalarAsync(old, "select 1"),
            Throws.InstanceOf<NpgsqlException>(),
            "the old password"
        );

        await RunAsync(() => Client.PostAsync($"{made}/freeze", """{"reason":"Audit"}"""), write: 1, isWritten: true);
        Assert.That((string)(await Client.GetAsync(made)).Body!["status"]!, Is.EqualTo("frozen"));
        await RunAsync(() => Client.PostAsync($"{made}/unfreeze"), write: 1, isWritten: false);
        Assert.That(await wombat.ScalarAsync(made, "select count(*) from t"), Is.EqualTo(500L));

        await RunAsync(() => Client.PostAsync($"{made}/backups"));
        var restore = () => Client.PostAsync($"{made}/restore", """{"name":"restored"}""");
        var restored = $"/api/v1/databases/{(await RunAsync(restore, write: 4, isWritten: false))["id"]}";
        Assert.That(await wombat.ScalarAsync(restored, "select count(*) from t"), Is.EqualTo(500L));
        await AssertEachHasItsObjectsAsync(databases: 2);

        await RunAsync(() => Client.DeleteAsync(made), write: 2, isWritten: true);
        Assert.That((string)(await Client.GetAsync(made)).Body!["status"]!, Is.EqualTo("deleted"));
        await RunAsync(() => Client.DeleteAsync(restored));
        await AssertEachHasItsObjectsAsync(databases: 0);
    }

    // Sends the request, kills Wombat at one of the writes that follow, starts it again, and waits for the job.
    private async Task<JsonNode> RunAsync(Func<Task<Answer>> request, int? write = null, bool isWritten = false)
    {
        var (left, killed) = (write ?? 0, new TaskCompletionSource());
        FaultyAnswer? Kill(string method)
        {
            if (method == "GET" || Interlocked.Decrement(ref left) != 0)
            {
                return null;
            }

            // The caller has his answer before.
            isAccepted.Wait();
            wombat.KillAsync().Wait();
            killed.SetResult();
            return FaultyAnswer.Status(503, "ServiceUnavailable", "nobody reads this");
        }

        isAccepted.Reset();
        proxy.Answer = (method, _) => isWritten ? null : Kill(method);
        proxy.AnswerAfter = (method, _) => isWritten ? Kill(method) : null;
        var accepted = await request();
        KilledWombat.AssertAccepted(accepted);
        isAccepted.Set();
        if (write is not null)
        {
            await killed.Task.WaitAsync(TimeSpan.FromMinutes(1));
            (proxy.Answer, proxy.AnswerAfter) = ((_, _) => null, (_, _) => null);
            await wombat.RestartAsync();
        }

        return await wombat.SucceedsAsync(accepted, $"killed at write {write}");
    }

    private async Task AssertEachHasItsObjectsAsync(int databases)
    {
        var rows = (await Client.GetAsync("/api/v1/databases?limit=200")).Body!["items"]!.AsArray();
        var names = rows.Select(r => ((string)r!["external_id"]!).Split('/')[1]).Order(StringComparer.Ordinal).ToList();
        Assert.That(names, Has.Count.EqualTo(databases));
        Assert.That(await NamesAsync("clusters"), Is.EqualTo(names));
        Assert.That(await NamesAsync("poolers"), Is.EqualTo(names.Select(n => $"{n}-pooler")));
        Assert.That(await NamesAsync("scheduledbackups"), Is.EqualTo(names.Select(n => $"{n}-backup")));
        var policies = (await kubernetes.Client.NetworkingV1.ListNamespacedNetworkPolicyAsync(Space)).Items;
        Assert.That(policies.Select(p => p.Metadata.Name).Order(StringComparer.Ordinal), Is.EqualTo(names));
        if (databases == 0)
        {
            Assert.That(await NamesAsync("backups"), Is.Empty);
            await Eventually.UntilAsync(
                async () => (await kubernetes.Client.CoreV1.ListNamespacedSecretAsync(Space)).Items.Count == 0,
                "the secrets are gone"
            );
        }

        await wombat.AssertNoJobRunsAsync();
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string plural) =>
        [
            .. (await objects.ListAsync(plural))
                .Where(o => CnpgObjects.Namespace(o) == Space)
                .Select(CnpgObjects.Name)
                .Order(StringComparer.Ordinal),
        ];
}
