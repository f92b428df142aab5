using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>SIGKILL to the real program while a run on a host of SSH is under way.</summary>
[Category("Slow")]
public sealed class SshKillTests
{
    // Each process of the program ignores the signals that the end of a connection or a polite cancellation sends.
    private const string Script =
        "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; sleep 1000; sleep 1001' & "
        + "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";

    [Test]
    public async Task Kill_DuringARunOnAHost_EndsItsProcessesThereAndAnotherReplicaInterruptsIt()
    {
        using var folder = new TestFolder();
        await using var server = await SshServer.StartAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync(),
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        var data = Path.Combine(folder.Path, "one");
        await using var first = WombatProcess.Start(data, environment);
        using var client = await first.ReadyAsync(data);
        var run = await StartAsync(client, server);
        await Eventually.UntilAsync(async () => (await NumbersAsync(client, run)).Count > 100, "the program runs");
        await using var second = WombatProcess.Start(Path.Combine(folder.Path, "two"), environment);
        using var ready = await second.ReadyAsync(data);
        using var other = new WombatClient(second.Port, client.Http.DefaultRequestHeaders.Authorization!.Parameter);
        var before = await NumbersAsync(client, run);
        await first.KillAsync();

        await Eventually.UntilAsync(
            () => server.Processes().Count == 0,
            "the processes on the host have ended with Wombat",
            TimeSpan.FromSeconds(15)
        );
        var interrupted = await other.WaitForJobAsync($"/api/v1/jobs/{run}", 40);
        Assert.That((string)interrupted["status"]!, Is.EqualTo("interrupted"), interrupted.ToJsonString());
        var shown = (await other.GetAsync($"/api/v1/runs/{run}")).Body!;
        Assert.That(((string)shown["status"]!, shown["ending"]), Is.EqualTo(("interrupted", (JsonNode?)null)), shown.ToJsonString());
        var after = await NumbersAsync(other, run);
        Assert.That(after, Is.EqualTo(Enumerable.Range(1, after.Count)), "the log is whole up to the kill");
        Assert.That(after, Has.Count.GreaterThanOrEqualTo(before.Count));
    }

    private static async Task<string> StartAsync(WombatClient client, SshServer server)
    {
        var created = await client.PostAsync(
            "/api/v1/hosts",
            $$"""{"name":"web","address":"127.0.0.1","port":{{server.Port}},"user_name":"{{SshServer.User}}"}"""
        );
        await server.AuthorizeAsync((string)created.Body!["public_key"]!);
        var accepted = await client.PostAsync(
            $"{created.Location}/accept-keys",
            $$"""{"fingerprints":["{{await server.FingerprintAsync()}}"]}"""
        );
        Assert.That((string?)accepted.Body?["state"], Is.EqualTo("reachable"), accepted.ToString());
        var body = new JsonObject
        {
            ["name"] = "count",
            ["kind"] = "ssh",
            ["host_ids"] = new JsonArray((string)created.Body!["id"]!),
            ["arguments"] = new JsonArray("sh", "-c", Script),
        };
        var command = await client.PostAsync("/api/v1/commands", body.ToJsonString());
        var run = await client.PostAsync($"{command.Location}/runs", "{}");
        return (string?)run.Body?["id"] ?? throw new InvalidOperationException($"No run: {command} {run}");
    }

    // The numbers that the program has printed, from all pages of the log.
    private static async Task<List<int>> NumbersAsync(WombatClient client, string run)
    {
        var numbers = new List<int>();
        for (long? after = 0; after is not null; )
        {
            var lines = (await client.GetAsync($"/api/v1/jobs/{run}/log?after={after}")).Body!["items"]!.AsArray();
            numbers.AddRange(
                lines
                    .Where(l => (string)l!["stream"]! == "stdout")
                    .Select(l => int.Parse((string)l!["text"]!, CultureInfo.InvariantCulture))
            );
            after = lines.Count == 0 ? null : (long)lines[^1]!["number"]!;
        }

        return numbers;
    }
}
