using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>Commands and runs of the measurements.</summary>
internal static class BenchRuns
{
    /// <summary>Creates a local command and returns its path.</summary>
    public static async Task<string> CreateAsync(WombatClient client, string name, string[] arguments)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["kind"] = "local",
            ["arguments"] = new JsonArray([.. arguments.Select(a => (JsonNode)a)]),
        };
        var created = await client.PostAsync("/api/v1/commands", body.ToJsonString());
        return created.Status == HttpStatusCode.Created ? created.Location! : throw new InvalidOperationException($"No command: {created}");
    }

    /// <summary>Requests a run and returns the path of its job.</summary>
    public static async Task<string> StartAsync(WombatClient client, string command)
    {
        var run = await client.PostAsync($"{command}/runs", "{}");
        return run.Status == HttpStatusCode.Accepted
            ? $"/api/v1/jobs/{run.Body!["id"]}"
            : throw new InvalidOperationException($"No run: {run}");
    }
}
