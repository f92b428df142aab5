using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Orphans;

/// <summary>A Wombat whose containers are files, and what is done to them without it.</summary>
public abstract class OrphanTestBase
{
    protected static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    protected static Dictionary<string, string> Settings =>
        new(StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_DIALECT"] = "forge",
            ["RECONCILER_INTERVAL_SECONDS"] = "0.1",
            ["QUOTAS_CONTAINERS_PER_PROJECT"] = "0",
        };

    /// <summary>Makes a container as a Wombat would whose database is lost. Returns its name.</summary>
    protected static string Plant(string dataDirectory, string? key = null, string network = "")
    {
        var name = $"lost-{Guid.NewGuid():N}"[..16];
        Change(dataDirectory, name, key ?? $"wombat-{Guid.NewGuid():N}", network);
        return name;
    }

    /// <summary>Puts a container in the place of the one with this name.</summary>
    protected static void Change(string dataDirectory, string name, string key, string network = "")
    {
        var container = new JsonObject
        {
            ["id"] = name,
            ["name"] = name,
            ["key"] = key,
            ["template"] = "quick",
            ["status"] = "running",
        };
        if (network.Length > 0)
        {
            container["network"] = network;
        }

        var made = Directory.CreateDirectory(Path.Combine(dataDirectory, "made")).FullName;
        var draft = Path.Combine(made, $".{name}.new");
        File.WriteAllText(draft, container.ToJsonString());
        File.Move(draft, Path.Combine(made, name), overwrite: true);
    }

    protected static bool Exists(string dataDirectory, string name) => File.Exists(Path.Combine(dataDirectory, "made", name));

    protected static async Task<JsonArray> OrphansAsync(WombatClient client) =>
        (await client.GetAsync("/api/v1/orphans?limit=200")).Body!["items"]!.AsArray();

    /// <summary>Waits until the container is an orphan, which takes two listings.</summary>
    protected static async Task<JsonNode> OrphanAsync(WombatClient client, string name) =>
        (
            await Eventually.GetAsync(
                async () => (await OrphansAsync(client)).FirstOrDefault(o => (string)o!["name"]! == name),
                o => o is not null,
                $"{name} is an orphan",
                Timeout
            )
        )!;

    protected static Task NoOrphanAsync(WombatClient client, string name) =>
        Eventually.UntilAsync(
            async () => (await OrphansAsync(client)).All(o => (string)o!["name"]! != name),
            $"{name} is no orphan any more",
            Timeout
        );

    protected static Task<Answer> AdoptAsync(WombatClient client, JsonNode orphan, string project, string more = "") =>
        client.PostAsync($"/api/v1/orphans/{orphan["id"]}/adopt", $$"""{"project_id":"{{project}}"{{more}}}""");

    protected static Task<Answer> RemoveAsync(WombatClient client, JsonNode orphan, string? name = null) =>
        client.PostAsync($"/api/v1/orphans/{orphan["id"]}/remove", $$"""{"name":"{{name ?? (string)orphan["name"]!}}"}""");
}
