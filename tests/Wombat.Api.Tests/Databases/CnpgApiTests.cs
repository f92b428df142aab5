using System.Net;
using System.Text.Json.Nodes;
using k8s;
using Npgsql;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Api.Tests.Databases;

/// <summary>The lines of README.md with the plugin cnpg: a database of the tier standard on a real Kubernetes API.</summary>
[Category("Slow")]
public sealed class CnpgApiTests
{
    private KubernetesServer kubernetes = null!;
    private CnpgOperator stand = null!;
    private CnpgObjects objects = null!;
    private TestServer server = null!;
    private string project = "";
    private string space = "";

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        (kubernetes, stand) = (await SharedKubernetes.ServerAsync(), await SharedKubernetes.OperatorAsync());
        objects = new CnpgObjects(kubernetes.Client);
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                // Only the watch makes a change known before a test gives up.
                ["RECONCILER_INTERVAL_SECONDS"] = "600",
                ["PLUGINS_K8S_TYPE"] = "cnpg",
                ["PLUGINS_K8S_DEFAULT"] = "true",
                ["PLUGINS_K8S_KUBECONFIG"] = kubernetes.Kubeconfig(KubernetesServer.Wombat),
                ["PLUGINS_K8S_NAMESPACE"] = "db-{project}",
                ["PLUGINS_K8S_CREATE_NAMESPACES"] = "true",
                ["PLUGINS_K8S_LOAD_BALANCER"] = "true",
                ["PLUGINS_K8S_BACKUP_DESTINATION"] = "s3://stand-in/",
            }
        );
        project = await Client.CreateProjectAsync("hello-cnpg");
        space = "db-hello-cnpg";
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await stand.ClearAsync(space);
    }

    [Test]
    public async Task Database_OfTierStandard_IsAClusterBehindAPooler()
    {
        var created = await Client.PostAsync($"/api/v1/projects/{project}/databases", """{"name":"orders","tier":"standard"}""");
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Accepted), created.ToString());
        await SucceedsAsync(created.Location!);
        var path = $"/api/v1/databases/{created.Body!["id"]}";
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That((string)database["status"]!, Is.EqualTo("ready"), database.ToJsonString());
        Assert.That((string)database["plugin"]!, Is.EqualTo("k8s"));
        Assert.That((string)database["endpoint"]!["dbname"]!, Is.EqualTo("app"), database.ToJsonString());
        var name = $"wombat-{database["external_name"]}";
        Assert.That((string)database["external_id"]!, Is.EqualTo($"{space}/{name}"));
        Assert.That(name, Does.StartWith("wombat-hello-cnpg-orders"));
        await AssertObjectsAsync(name);
        await AssertKubectlShowsAsync(name);

        var connection = await RevealAsync(path);
        Assert.That(
            await ScalarAsync(connection, "create table t as select 7 as a; select current_user || ' ' || (select a from t)"),
            Is.EqualTo("app 7")
        );
        var pooler = await kubernetes.Client.CoreV1.ReadNamespacedServiceAsync($"{name}-pooler", space);
        Assert.That(new NpgsqlConnectionStringBuilder(connection).Port, Is.EqualTo(pooler.Spec.Ports[0].Port), "not the pooler");

        await SucceedsAsync((await Client.DeleteAsync(path)).Location!);
        Assert.That(async () => await ScalarAsync(connection, "select 1"), Throws.InstanceOf<NpgsqlException>());
        await SucceedsAsync((await Client.PostAsync($"{path}/undelete")).Location!);
        Assert.That(await ScalarAsync(await RevealAsync(path), "select a from t"), Is.EqualTo(7));
    }

    [Test]
    public async Task Drift_OfObjectsChangedByHand_IsShownAndRepaired()
    {
        var path = await CreateAsync("ledger");
        var name = $"wombat-{(await Client.GetAsync(path)).Body!["external_name"]}";
        await ScalarAsync(await RevealAsync(path), "create table t as select 7 as a");
        await SucceedsAsync((await Client.PostAsync($"{path}/backups")).Location!);

        await objects.DeleteAsync("poolers", space, $"{name}-pooler");
        var degraded = await DriftsAsync(path, "Pooler");
        Assert.That((string)degraded["status"]!, Is.EqualTo("degraded"), degraded.ToJsonString());
        await SucceedsAsync((await Client.PostAsync($"{path}/repair")).Location!);
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("ready"));

        await objects.MergeAsync("clusters", space, name, new JsonObject { ["spec"] = new JsonObject { ["instances"] = 3 } });
        await DriftsAsync(path, "instances");
        await SucceedsAsync((await Client.PostAsync($"{path}/repair")).Location!);
        Assert.That((int)(await objects.FindAsync("clusters", space, name))!["spec"]!["instances"]!, Is.EqualTo(1));

        await objects.DeleteAsync("clusters", space, name);
        var missing = await DriftsAsync(path, "Cluster");
        Assert.That((string)missing["status"]!, Is.EqualTo("missing"), missing.ToJsonString());
        await SucceedsAsync((await Client.PostAsync($"{path}/repair")).Location!);
        Assert.That(await ScalarAsync(await RevealAsync(path), "select a from t"), Is.EqualTo(7));
    }

    [Test]
    public async Task RestoreInPlace_OfABackup_KeepsThePasswordAndTheReplacedRows()
    {
        var path = await CreateAsync("mistake");
        var connection = await RevealAsync(path);
        await ScalarAsync(connection, "create extension citext; create table t as select 1 as a");
        await SucceedsAsync((await Client.PostAsync($"{path}/backups")).Location!);
        var backup = (string)(await Client.GetAsync($"{path}/backups")).Body!["items"]![0]!["id"]!;
        await ScalarAsync(connection, "update t set a = 2");
        var plan = (await Client.PostAsync($"{path}/plan", $$"""{"change":"restore_in_place","backup_id":"{{backup}}"}""")).Body!;
        Assert.That(((bool)plan["possible"]!, (bool)plan["downtime"]!), Is.EqualTo((true, true)), plan.ToJsonString());

        await SucceedsAsync((await Client.PostAsync($"{path}/restore-in-place", $$"""{"backup_id":"{{backup}}"}""")).Location!);
        Assert.That(await ScalarAsync(connection, "select a from t"), Is.EqualTo(1), "the same password connects to the old rows");
        var database = (await Client.GetAsync(path)).Body!;
        Assert.That((string)database["status"]!, Is.EqualTo("ready"), database.ToJsonString());
        Assert.That(database["drift"]!.AsArray(), Is.Empty, database.ToJsonString());
        var extensions = (await Client.GetAsync($"{path}/extensions")).Body!["items"]!.AsArray();
        Assert.That((string?)extensions.Single(e => (string)e!["name"]! == "citext")!["installed_version"], Is.Not.Null);

        var backups = (await Client.GetAsync($"{path}/backups")).Body!["items"]!.AsArray().Select(b => (string)b!["id"]!).ToList();
        var copy = await Client.PostAsync($"{path}/restore", $$"""{"name":"mistake-copy","backup_id":"{{backups[1]}}"}""");
        await SucceedsAsync(copy.Location!);
        Assert.That(await ScalarAsync(await RevealAsync($"/api/v1/databases/{copy.Body!["id"]}"), "select a from t"), Is.EqualTo(2));
    }

    [Test]
    public async Task Resize_WhenTheOperatorRefusesIt_LeavesTierAndClusterAlike()
    {
        var path = await CreateAsync("small");
        var cluster = (string)(await Client.GetAsync(path)).Body!["external_id"]!;
        await Client.PutAsync("/api/v1/tiers/broad", """{"instances":2,"memory":1024,"storage":10240}""");
        stand.SetFault(cluster, new CnpgFault { Phase = "Invalid cluster definition", PhaseReason = "no room for two" });
        var resize = await Client.PostAsync($"{path}/resize", """{"tier":"broad"}""");
        var job = await Client.WaitForJobAsync(resize.Location!, seconds: 120);
        Assert.That((string)job["status"]!, Is.EqualTo("failed"), job.ToJsonString());
        Assert.That((string)job["error"]!["message"]!, Does.Contain("no room for two"));
        stand.SetFault(cluster, null);

        var database = await Eventually.GetAsync(
            async () => (await Client.GetAsync(path)).Body!,
            d => (string)d["status"]! == "ready",
            "the database is ready again",
            TimeSpan.FromSeconds(60)
        );
        Assert.That((string)database["tier"]!, Is.EqualTo("standard"));
        Assert.That(database["resizing_to"], Is.Null);
        Assert.That(database["drift"]!.AsArray(), Is.Empty, database.ToJsonString());
        var spec = (await objects.FindAsync("clusters", space, cluster.Split('/')[1]))!["spec"]!;
        Assert.That((int)spec["instances"]!, Is.EqualTo(1));
    }

    private async Task<string> CreateAsync(string name)
    {
        var created = await Client.PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"standard"}""");
        await SucceedsAsync(created.Location!);
        return $"/api/v1/databases/{created.Body!["id"]}";
    }

    private Task<JsonNode> DriftsAsync(string path, string field) =>
        Eventually.GetAsync(
            async () => (await Client.GetAsync(path)).Body!,
            d => d["drift"]!.AsArray().Any(f => (string)f!["field"]! == field),
            $"{field} differs",
            TimeSpan.FromSeconds(60)
        );

    private async Task AssertObjectsAsync(string name)
    {
        var cluster = (await objects.FindAsync("clusters", space, name))!;
        var pooler = (await objects.FindAsync("poolers", space, $"{name}-pooler"))!;
        var schedule = (await objects.FindAsync("scheduledbackups", space, $"{name}-backup"))!;
        var policy = await kubernetes.Client.NetworkingV1.ReadNamespacedNetworkPolicyAsync(name, space);
        Assert.Multiple(() =>
        {
            Assert.That((string)cluster["spec"]!["resources"]!["limits"]!["memory"]!, Is.EqualTo("1024Mi"));
            Assert.That((string)cluster["spec"]!["storage"]!["size"]!, Is.EqualTo("10240Mi"));
            Assert.That((string)cluster["spec"]!["postgresql"]!["pg_hba"]![0]!, Is.EqualTo("hostnossl all all all reject"));
            Assert.That((string)cluster["metadata"]!["annotations"]!["wombat/tier"]!, Is.EqualTo("standard"));
            Assert.That((string)pooler["spec"]!["type"]!, Is.EqualTo("rw"));
            Assert.That((string)pooler["spec"]!["pgbouncer"]!["poolMode"]!, Is.EqualTo("session"));
            Assert.That((string)schedule["spec"]!["schedule"]!, Is.EqualTo("0 0 1 * * *"));
            Assert.That(
                policy.Spec.Ingress.SelectMany(i => i.FromProperty).Select(f => f.NamespaceSelector?.MatchLabels.First().Value),
                Does.Contain("hello-cnpg")
            );
        });
    }

    // The lines of docs/plugins.md.
    private async Task AssertKubectlShowsAsync(string name)
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(WombatProcess.RepositoryRoot(), "docs", "plugins.md"));
        var lines = page.Where(l => l.StartsWith("kubectl ", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Has.Count.EqualTo(2));
        var printed = "";
        foreach (var line in lines)
        {
            Assert.That(line, Does.Contain("-n db-hello-wombat "));
            printed += await kubernetes.RunKubectlAsync(KubernetesServer.Wombat, line.Replace("db-hello-wombat", space));
        }

        Assert.That(
            printed,
            Does.Contain($"cluster.postgresql.cnpg.io/{name} ")
                .And.Contains($"pooler.postgresql.cnpg.io/{name}-pooler ")
                .And.Contains($"scheduledbackup.postgresql.cnpg.io/{name}-backup ")
                .And.Contains($"networkpolicy.networking.k8s.io/{name} ")
                .And.Contains($"service/{name}-pooler ")
                .And.Match($"{name} +Cluster in healthy state")
        );
    }

    private async Task SucceedsAsync(string job)
    {
        var ended = await Client.WaitForJobAsync(job, seconds: 120);
        Assert.That(
            (string)ended["status"]!,
            Is.EqualTo("succeeded"),
            $"{ended.ToJsonString()} {(await Client.GetAsync($"{job}/log")).Text}"
        );
    }

    private Task<string> RevealAsync(string path) => Client.RevealAsync(path);

    private static Task<object?> ScalarAsync(string connectionString, string sql) => LocalDatabases.ScalarAsync(connectionString, sql);
}
