using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>SIGKILL to the real program during a run on several hosts.</summary>
[Category("Slow")]
public sealed class GroupRunKillTests
{
    [Test]
    public async Task Kill_DuringARunOnSeveralHosts_GoesOnWithTheOthers()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        SshServer[] servers = [await SshServer.StartAsync(), await SshServer.StartAsync()];
        await using var one = servers[0];
        await using var two = servers[1];
        await File.WriteAllTextAsync(Path.Combine(one.Home, "sleeps"), "");
        string run;
        await using (var first = WombatProcess.Start(data))
        {
            using var client = await first.ReadyAsync(data);
            var hosts = new[] { await TrustAsync(client, one, "one"), await TrustAsync(client, two, "two") };
            var before = await CheckedAtAsync(client, hosts[0]);
            run = await StartAsync(client, hosts);
            await Eventually.UntilAsync(() => one.Processes().Any(p => p.Contains("sleep 1000")), "the program runs on the first host");
            await Eventually.UntilAsync(
                async () => await CheckedAtAsync(client, hosts[0]) != before,
                "Wombat has recorded what it started there"
            );
            await first.KillAsync();
        }

        await Eventually.UntilAsync(() => one.Processes().Count == 0, "the program has ended with Wombat");
        Assert.That(two.Processes(), Is.Empty, "one host at a time");
        await using var second = WombatProcess.Start(data);
        using var again = await second.ReadyAsync(data);
        var ended = await again.WaitForJobAsync($"/api/v1/jobs/{run}", 120);
        Assert.That((string)ended["error"]!["code"]!, Is.EqualTo("hosts_failed"), ended.ToJsonString());
        var parts = (await again.GetAsync($"/api/v1/runs/{run}/hosts")).Body!["items"]!.AsArray();
        Assert.That(parts.Select(p => (string)p!["run"]!["status"]!), Is.EqualTo(new[] { "interrupted", "succeeded" }));

        File.Delete(Path.Combine(one.Home, "sleeps"));
        await again.PostAsync($"/api/v1/jobs/{run}/retry");
        var retried = await again.WaitForJobAsync($"/api/v1/jobs/{run}", 60);
        Assert.That((string)retried["status"]!, Is.EqualTo("succeeded"), retried.ToJsonString());
        var latest = (await again.GetAsync($"/api/v1/runs/{run}/hosts")).Body!["items"]![0]!["run"]!["id"];
        var log = (await again.GetAsync($"/api/v1/jobs/{latest}/log")).Body!["items"]!.AsArray().Select(l => (string)l!["text"]!);
        Assert.That(log, Has.Some.StartsWith("The earlier attempt: "), "it looks for what the lost worker has started");
    }

    private static async Task<string?> CheckedAtAsync(WombatClient client, string host) =>
        (string?)(await client.GetAsync($"/api/v1/hosts/{host}")).Body!["checked_at"];

    private static async Task<string> TrustAsync(WombatClient client, SshServer server, string name)
    {
        var created = await client.PostAsync(
            "/api/v1/hosts",
            $$"""{"name":"{{name}}","address":"127.0.0.1","port":{{server.Port}},"user_name":"{{SshServer.User}}"}"""
        );
        await server.AuthorizeAsync((string)created.Body!["public_key"]!);
        var accepted = await client.PostAsync(
            $"{created.Location}/accept-keys",
            $$"""{"fingerprints":["{{await server.FingerprintAsync()}}"]}"""
        );
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.OK), accepted.ToString());
        return (string)created.Body!["id"]!;
    }

    // The program sleeps on the first host only.
    private static async Task<string> StartAsync(WombatClient client, string[] hosts)
    {
        var ids = $"\"{string.Join("\",\"", hosts)}\"";
        var command = await client.PostAsync(
            "/api/v1/commands",
            $$"""
            {"name":"group","kind":"ssh","host_ids":[{{ids}}],"host_parallelism":1,
             "arguments":["sh","-c","if [ -e sleeps ]; then sleep 1000; fi"]}
            """
        );
        var run = await client.PostAsync($"{command.Location}/runs", $$"""{"host_ids":[{{ids}}]}""");
        return (string?)run.Body?["id"] ?? throw new InvalidOperationException($"No run: {command} {run}");
    }
}
