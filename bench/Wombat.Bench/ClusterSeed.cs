using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Npgsql;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Bench;

/// <summary>
/// Databases of the plugin cnpg with all their objects, but without servers: Wombat creates the first, the others are copies of its row
/// and of its objects. The statuses that an operator would write are written here.
/// </summary>
internal sealed class ClusterSeed(KubernetesServer kubernetes, WombatClient client, string connectionString)
{
    private const string Project = "bench";
    public const string Namespace = $"db-{Project}";
    private static readonly (string Group, string Plural, string Kind)[] Kinds =
    [
        ("networking.k8s.io", "networkpolicies", "NetworkPolicy"),
        ("postgresql.cnpg.io", "poolers", "Pooler"),
        ("postgresql.cnpg.io", "scheduledbackups", "ScheduledBackup"),
        ("postgresql.cnpg.io", "clusters", "Cluster"),
    ];

    private readonly CnpgObjects objects = new(kubernetes.Client);
    private readonly List<SeededCluster> all = [];

    public IReadOnlyList<SeededCluster> All => all;

    public async Task CreateFirstAsync()
    {
        await client.PutAsync(
            "/api/v1/tiers/bench-clusters",
            """{"plugin":"k8s","pooler_instances":1,"backup_schedule":"0 3 * * *","deletion_policy":"hard_delete","grace_days":0}"""
        );
        var project = await client.CreateProjectAsync(Project);
        var accepted = await client.PostAsync($"/api/v1/projects/{project}/databases", """{"name":"first","tier":"bench-clusters"}""");
        if (accepted.Status != HttpStatusCode.Accepted)
        {
            throw new InvalidOperationException($"No database: {accepted}");
        }

        var job = client.WaitForJobAsync(accepted.Location!, seconds: 60);
        await Eventually.UntilAsync(async () => job.IsCompleted || await PlayOperatorAsync(), "the objects are there");
        if ((string)(await job)["status"]! != "succeeded")
        {
            throw new InvalidOperationException((await job).ToJsonString());
        }

        var database = (await client.GetAsync($"/api/v1/databases/{accepted.Body!["id"]}")).Body!;
        all.Add(new SeededCluster((Guid)database["id"]!, (string)database["external_name"]!));
    }

    /// <summary>Adds copies until there are so many.</summary>
    public async Task GrowAsync(int count)
    {
        var first = all[0];
        var templates = new List<(string Group, string Plural, string Text)>();
        foreach (var (group, plural, kind) in Kinds)
        {
            templates.Add((group, plural, await TemplateAsync(first, group, plural, kind)));
        }

        var added = Enumerable
            .Range(all.Count, count - all.Count)
            .Select(n => new SeededCluster(Guid.CreateVersion7(), $"bench-{n:0000}"))
            .ToList();
        await Parallel.ForEachAsync(
            added,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (one, cancel) =>
            {
                foreach (var (group, plural, text) in templates)
                {
                    var copy = JsonNode.Parse(
                        text.Replace(first.Name, one.Name).Replace(first.ExternalName, one.ExternalName).Replace(first.Key, one.Key)
                    );
                    await kubernetes.Client.CustomObjects.CreateNamespacedCustomObjectAsync(
                        copy,
                        group,
                        "v1",
                        Namespace,
                        plural,
                        cancellationToken: cancel
                    );
                }

                await SetReadyAsync(one.Name);
            }
        );
        await InsertAsync(first, added);
        all.AddRange(added);
    }

    /// <summary>Writes a phase to the status of a cluster whose server goes on to answer.</summary>
    public Task SetPhaseAsync(SeededCluster cluster, string reason) =>
        objects.SetStatusAsync(
            "clusters",
            Named(cluster.Name),
            new JsonObject
            {
                ["phase"] = "Upgrading cluster",
                ["phaseReason"] = reason,
                ["conditions"] = Ready("False"),
            }
        );

    // Whether a database that Wombat creates can become ready.
    private async Task<bool> PlayOperatorAsync()
    {
        if (await objects.ListAsync("poolers") is not [var pooler, ..])
        {
            return false;
        }

        var cluster = (string)pooler["spec"]!["cluster"]!["name"]!;
        await kubernetes.Client.CoreV1.CreateNamespacedSecretAsync(
            new k8s.Models.V1Secret
            {
                Metadata = new k8s.Models.V1ObjectMeta { Name = $"{cluster}-app" },
                StringData = new Dictionary<string, string>(StringComparer.Ordinal) { ["username"] = "app", ["password"] = "none" },
            },
            Namespace
        );
        await SetReadyAsync(cluster);
        return true;
    }

    private async Task SetReadyAsync(string cluster)
    {
        await objects.SetStatusAsync(
            "clusters",
            Named(cluster),
            new JsonObject
            {
                ["phase"] = "Cluster in healthy state",
                ["instances"] = 1,
                ["readyInstances"] = 1,
                ["conditions"] = Ready("True"),
            }
        );
        await objects.SetStatusAsync("poolers", Named($"{cluster}-pooler"), new JsonObject { ["phase"] = "active", ["instances"] = 1 });
    }

    private async Task InsertAsync(SeededCluster first, List<SeededCluster> added)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var insert = source.CreateCommand(
            """
            insert into resources
            select copy.*
            from resources r, unnest($2, $3) with ordinality as added(id, name, n), lateral jsonb_populate_record(r, jsonb_build_object(
                'id', added.id, 'name', added.name, 'external_name', added.name, 'external_id', $4 || '/wombat-' || added.name,
                'endpoints', replace(r.endpoints::text, r.external_name, added.name)::jsonb,
                'facts', replace(r.facts::text, r.external_name, added.name)::jsonb)) copy
            where r.id = $1
            """
        );
        insert.Parameters.AddWithValue(first.Id);
        insert.Parameters.AddWithValue(added.Select(a => a.Id).ToArray());
        insert.Parameters.AddWithValue(added.Select(a => a.ExternalName).ToArray());
        insert.Parameters.AddWithValue(Namespace);
        await insert.ExecuteNonQueryAsync();
    }

    // An object of the first database without what the server has added.
    private async Task<string> TemplateAsync(SeededCluster first, string group, string plural, string kind)
    {
        var listed = (JsonElement)await kubernetes.Client.CustomObjects.ListNamespacedCustomObjectAsync(group, "v1", Namespace, plural);
        var found = listed.GetProperty("items").EnumerateArray().Select(i => JsonObject.Create(i)!).Single(i => IsOf(i, first));
        var metadata = found["metadata"]!.AsObject();
        return new JsonObject
        {
            ["apiVersion"] = $"{group}/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = metadata["name"]!.DeepClone(),
                ["labels"] = metadata["labels"]!.DeepClone(),
                ["annotations"] = metadata["annotations"]!.DeepClone(),
            },
            ["spec"] = found["spec"]!.DeepClone(),
        }.ToJsonString();
    }

    private static bool IsOf(JsonObject item, SeededCluster cluster) => (string?)item["metadata"]!["labels"]?["wombat/key"] == cluster.Key;

    private static JsonObject Named(string name) =>
        new()
        {
            ["metadata"] = new JsonObject { ["namespace"] = Namespace, ["name"] = name },
        };

    private static JsonArray Ready(string status) =>
        new(
            new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = status,
                ["reason"] = "Bench",
                ["message"] = "Set by the benchmark",
                ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
            }
        );
}
