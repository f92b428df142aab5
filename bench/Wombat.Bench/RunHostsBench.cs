using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>One command on many hosts, which are one SSH server here, until it has ended on all, beside ssh under xargs.</summary>
internal static class RunHostsBench
{
    private const int Hosts = 200;
    private const int Parallelism = 20;
    private const int Rounds = 3;

    // Arguments: key, port, account, number of hosts, connections at the same time.
    private const string Loop = """
        seq "$4" | xargs -P "$5" -I{} ssh -F none -i "$1" -p "$2" -o BatchMode=yes -o StrictHostKeyChecking=accept-new \
            -o UserKnownHostsFile="$1.hosts" "$3@127.0.0.1" echo done {} | grep -c done
        """;

    public static async Task RunAsync(WombatClient client, string folder)
    {
        await using var server = await SshServer.StartAsync();
        var key = Path.Combine(folder, "key");
        await RunAsync("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        await server.AuthorizeAsync((await File.ReadAllTextAsync($"{key}.pub")).Trim());
        var hosts = await RegisterAsync(client, server, await File.ReadAllTextAsync(key));
        var command = await CreateAsync(client, hosts);
        var (ours, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            ours.Add(await TimeAsync(() => RunOnAllAsync(client, command)));
            bare.Add(await TimeAsync(() => LoopAsync(key, server.Port, hosts.Count)));
            Report.Note($"round {round}: Wombat {ours[^1]:F1} s, xargs {bare[^1]:F1} s");
        }

        // The first round fills the caches and compiles.
        Report.Line($"runs-on-{hosts.Count}-hosts", Report.Median(ours.Skip(1)), Report.Median(bare.Skip(1)), "s");
    }

    private static async Task<List<string>> RegisterAsync(WombatClient client, SshServer server, string privateKey)
    {
        var fingerprint = JsonSerializer.Serialize(new { fingerprints = new[] { await server.FingerprintAsync() } });
        var hosts = new List<string>();
        for (var i = 0; i < RunBench.Scaled(Hosts); i++)
        {
            var body = new JsonObject
            {
                ["name"] = $"host{i}",
                ["address"] = "127.0.0.1",
                ["port"] = server.Port,
                ["user_name"] = SshServer.User,
                ["private_key"] = privateKey,
            };
            var created = Expect(HttpStatusCode.Created, await client.PostAsync("/api/v1/hosts", body.ToJsonString()));
            hosts.Add((string)created["id"]!);
            Expect(HttpStatusCode.OK, await client.PostAsync($"/api/v1/hosts/{hosts[^1]}/accept-keys", fingerprint));
        }

        return hosts;
    }

    private static async Task<string> CreateAsync(WombatClient client, List<string> hosts)
    {
        var body = new JsonObject
        {
            ["name"] = "on all hosts",
            ["kind"] = "ssh",
            ["arguments"] = new JsonArray("echo", "done"),
            ["host_ids"] = new JsonArray([.. hosts.Select(h => (JsonNode)h)]),
            ["host_parallelism"] = Parallelism,
        };
        return $"/api/v1/commands/{Expect(HttpStatusCode.Created, await client.PostAsync("/api/v1/commands", body.ToJsonString()))["id"]}";
    }

    private static async Task RunOnAllAsync(WombatClient client, string command)
    {
        var run = Expect(HttpStatusCode.Accepted, await client.PostAsync($"{command}/runs", """{"all_hosts":true}"""));
        var job = await client.WaitForJobAsync($"/api/v1/jobs/{run["id"]}", 300);
        if ((string?)job["status"] != "succeeded")
        {
            var hosts = (await client.GetAsync($"/api/v1/runs/{run["id"]}/hosts")).Body!["items"]!.AsArray();
            var others = hosts.Where(h => (string?)h!["run"]?["status"] != "succeeded").Take(3).Select(h => h!.ToJsonString());
            throw new InvalidOperationException($"The run has not succeeded: {job}\n{string.Join('\n', others)}");
        }
    }

    private static async Task LoopAsync(string key, int port, int hosts)
    {
        var count = await RunAsync("/bin/sh", "-c", Loop, "sh", key, $"{port}", SshServer.User, $"{hosts}", $"{Parallelism}");
        if (count.Trim() != $"{hosts}")
        {
            throw new InvalidOperationException($"ssh has ended on {count} of {hosts} hosts.");
        }
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var from = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static JsonNode Expect(HttpStatusCode status, Answer answer) =>
        answer.Status == status ? answer.Body! : throw new InvalidOperationException($"Refused: {answer}");

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(program, arguments, TimeSpan.FromMinutes(5)), CancellationToken.None);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{program}: {result.ErrorTail}");
    }
}
