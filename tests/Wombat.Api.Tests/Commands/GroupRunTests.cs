using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Runs on several real hosts of SSH.</summary>
public sealed class GroupRunTests : SshTestBase
{
    private readonly List<SshServer> servers = [];
    private string[] hosts = [];

    [OneTimeSetUp]
    public async Task StartHosts()
    {
        for (var i = 0; i < 3; i++)
        {
            servers.Add(await SshServer.StartAsync());
        }

        hosts = await Task.WhenAll(servers.Select(s => TrustAsync(s)));
    }

    [OneTimeTearDown]
    public async Task StopHosts()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Test]
    public async Task Run_OnSeveralHosts_HasARunAndALogForEach()
    {
        var command = await CreateSshAsync(hosts, ["sh", "-c", "echo from $SSH_CONNECTION"]);
        var run = await StartOnAsync(command, hosts[1], hosts[0]);
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        var parts = await PartsAsync(run);
        Assert.That(parts.ConvertAll(p => $"/api/v1/hosts/{p["host_id"]}"), Is.EqualTo(new[] { hosts[1], hosts[0] }), "the given order");
        foreach (var (part, server) in parts.Zip([servers[1], servers[0]]))
        {
            Assert.That(await OutputAsync($"/api/v1/runs/{part["run"]!["id"]}"), Has.One.EndsWith($" {server.Port}"));
            Assert.That((string)part["run"]!["parent_id"]!, Is.EqualTo((string)ended["id"]!));
            Assert.That((bool)part["run"]!["ending"]!["proven"]!, Is.True);
        }

        var list = await IdsAsync($"/api/v1/runs?command_id={ended["command_id"]}");
        Assert.That(list, Is.EqualTo(new[] { (string)ended["id"]! }), "the runs on hosts are left out");
        var ofGroup = await IdsAsync($"/api/v1/runs?parent_id={ended["id"]}");
        Assert.That(ofGroup, Is.EquivalentTo(parts.ConvertAll(p => (string)p["run"]!["id"]!)));
        var ofHost = await IdsAsync($"/api/v1/runs?command_id={ended["command_id"]}&host={parts[0]["name"]}");
        Assert.That(ofHost, Is.EqualTo(new[] { (string)parts[0]["run"]!["id"]! }));
    }

    [Test]
    public async Task Run_ThatFailsOnOneHost_SaysWhichAndRetriesOnlyThere()
    {
        var mark = Path.Combine(servers[1].Home, "fails");
        await File.WriteAllTextAsync(mark, "");
        var command = await CreateSshAsync(hosts, ["sh", "-c", "test ! -e fails"], ""","host_parallelism":2""");
        var run = await StartOnAsync(command, hosts);
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "hosts_failed")));
        var parts = await PartsAsync(run);
        var failed = parts[1];
        Assert.That((string)ended["error"]!["message"]!, Does.Contain("1 of 3 hosts").And.Contain((string)failed["name"]!));
        Assert.That(parts.ConvertAll(p => (int)p["run"]!["exit_code"]!), Is.EqualTo(new[] { 0, 1, 0 }));

        var alone = await Client.PostAsync($"/api/v1/jobs/{failed["run"]!["id"]}/retry");
        Assert.That((alone.Status, alone.Code), Is.EqualTo((HttpStatusCode.Conflict, "job_not_retryable")));
        File.Delete(mark);
        await Client.PostAsync($"{JobOf(run)}/retry");
        ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        var again = await PartsAsync(run);
        Assert.That(
            (string)again[0]["run"]!["id"]!,
            Is.EqualTo((string)parts[0]["run"]!["id"]!),
            "it does not run again where it succeeded"
        );
        Assert.That((string)again[1]["run"]!["id"]!, Is.Not.EqualTo((string)failed["run"]!["id"]!));
    }

    [Test]
    public async Task Run_ThatStopsAtTheFirstFailure_LeavesTheOthersUnstarted()
    {
        var command = await CreateSshAsync(hosts, ["false"], ""","host_parallelism":1,"stop_at_first_failure":true""");
        var run = await StartOnAsync(command, hosts);
        var ended = await EndAsync(run);
        Assert.That((string)ended["error"]!["message"]!, Does.Contain("1 of 3 hosts").And.Contain("not started on 2 others"));
        Assert.That((await PartsAsync(run)).ConvertAll(p => (string?)p["run"]?["status"]), Is.EqualTo(new[] { "failed", null, null }));
        var repeated = await Client.PostAsync($"{run}/repeat");
        Assert.That(repeated.Body!["host_ids"]!.AsArray().Count, Is.EqualTo(3), "a repetition has the same hosts");
    }

    [Test]
    public async Task Cancel_OfARun_EndsWhenItHasEndedOnEveryHost()
    {
        var command = await CreateSshAsync(hosts, ["sh", "-c", "trap '' TERM; echo up; sleep 1000; sleep 1001"]);
        var run = await StartOnAsync(command, hosts);
        await Eventually.UntilAsync(
            async () =>
            {
                var parts = await PartsAsync(run);
                var logs = await Task.WhenAll(
                    parts.Where(p => p["run"] is not null).Select(p => OutputAsync($"/api/v1/runs/{p["run"]!["id"]}"))
                );
                return logs.Count(l => l.Contains("up")) == 3;
            },
            "it runs on all hosts"
        );
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        var ends = await PartsAsync(run);
        Assert.That(ends.ConvertAll(p => (string)p["run"]!["status"]!), Is.All.EqualTo("cancelled"));
        Assert.That(ends.ConvertAll(p => (bool)p["run"]!["ending"]!["proven"]!), Is.All.True, string.Concat(ends));
        Assert.That(servers.SelectMany(s => s.Processes()), Is.Empty);
    }

    [Test]
    public async Task Cancel_OfARunWhoseWorkerIsLost_EndsItOnEveryHostFirst()
    {
        var command = await CreateSshAsync(hosts[..2], ["sh", "-c", "trap '' TERM; sleep 1005; sleep 1006"]);
        var run = await StartOnAsync(command, hosts[..2]);
        await Eventually.UntilAsync(() => servers[..2].TrueForAll(s => s.Processes().Any(p => p.Contains("sleep 1005"))), "it runs");
        var id = IdOf(run);
        await Server.ExecuteAsync(
            "update jobs set state = 'queued', worker = null, lease_until = null, run_at = now() + interval '1 hour' "
                + $"where id = '{id}'"
        );
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That((await PartsAsync(run)).ConvertAll(p => (string)p["run"]!["status"]!), Is.All.EqualTo("cancelled"));
        Assert.That(servers.SelectMany(s => s.Processes()), Is.Empty);
    }

    [Test]
    public async Task Retry_WhileItHasNotEndedOnAHost_IsRefused()
    {
        var command = await CreateSshAsync(hosts[..2], ["sleep", "1007"]);
        var run = await StartOnAsync(command, hosts[..2]);
        await Eventually.UntilAsync(() => servers[..2].TrueForAll(s => s.Processes().Any(p => p.Contains("sleep 1007"))), "it runs");
        var id = IdOf(run);
        await Server.ExecuteAsync(
            $"update jobs set state = 'failed', worker = null, lease_until = null, finished_at = now() where id = '{id}'"
        );
        var retry = await Client.PostAsync($"{JobOf(run)}/retry");
        Assert.That((retry.Status, retry.Code), Is.EqualTo((HttpStatusCode.Conflict, "job_not_retryable")), retry.ToString());
        foreach (var part in await PartsAsync(run))
        {
            await Client.PostAsync($"/api/v1/jobs/{part["run"]!["id"]}/cancel");
        }

        await Eventually.UntilAsync(() => servers.TrueForAll(s => s.Processes().Count == 0), "nothing is left");
    }

    [Test]
    public async Task Runs_MoreThanSlots_DoNotBlockTheirOwnHosts()
    {
        var command = await CreateSshAsync(hosts, ["true"]);
        var runs = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            runs.Add(await StartOnAsync(command, hosts));
        }

        var ended = await Task.WhenAll(runs.Select(EndAsync));
        Assert.That(ended.Select(e => (string)e["status"]!), Is.All.EqualTo("succeeded"), string.Concat(ended.Select(e => e["error"])));
    }

    [Test]
    public async Task Command_WithLabels_RunsOnTheHostsThatHaveThemThen()
    {
        await LabelAsync(hosts[0], "env=prod", "web");
        await LabelAsync(hosts[1], "web");
        await LabelAsync(hosts[2], "web", "env=prod");
        var command = await CreateAsync(""" "kind":"ssh","host_labels":["web","env=prod"],"arguments":["true"] """);
        var offered = await Client.GetAsync($"{command}/hosts");
        Assert.That(offered.Body!["items"]!.AsArray().Select(h => $"/api/v1/hosts/{h!["id"]}"), Is.EqualTo(new[] { hosts[0], hosts[2] }));
        var all = await Client.PostAsync($"{command}/runs", """{"all_hosts":true}""");
        Assert.That(all.Status, Is.EqualTo(HttpStatusCode.Accepted), all.ToString());
        Assert.That((string)(await EndAsync($"/api/v1/runs/{all.Body!["id"]}"))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(all.Body["host_ids"]!.AsArray().Select(h => $"/api/v1/hosts/{h}"), Is.EqualTo(new[] { hosts[0], hosts[2] }));
        await LabelAsync(hosts[0], "web");
        var later = await Client.PostAsync($"{command}/runs", "{}");
        Assert.That((string)later.Body!["ssh_host_id"]!, Is.EqualTo(IdOf(hosts[2])), "the only one that has them now");
        await LabelAsync(hosts[2], "web");
        var none = await Client.PostAsync($"{command}/runs", """{"all_hosts":true}""");
        Assert.That(none.ErrorFields, Is.EqualTo(new[] { "host_ids" }), none.ToString());
        var refused = await Client.PutAsync(hosts[0], await BodyOfAsync(hosts[0], "-x", "a b"));
        Assert.That(refused.ErrorFields, Is.EqualTo(new[] { "labels" }), refused.ToString());
    }

    [Test]
    public async Task Hosts_ThatCannotBeChosen_AreRefusedByField()
    {
        var command = await CreateSshAsync(hosts[..2], ["true"]);
        var local = await CreateLocalAsync(["true"]);
        foreach (
            var (path, chosen) in new (string, string[])[]
            {
                (command, []),
                (command, [hosts[2]]),
                (command, [hosts[0], hosts[0]]),
                (local, [hosts[0]]),
            }
        )
        {
            foreach (var action in new[] { "runs", "plan" })
            {
                var refused = await Client.PostAsync($"{path}/{action}", Body(chosen));
                Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "host_ids")));
            }
        }

        var plan = await Client.PostAsync($"{command}/plan", Body([hosts[1], hosts[0]]));
        Assert.That(
            plan.Body!["places"]!.AsArray().Select(p => (string)p!["account"]!),
            Is.EqualTo(new[] { SshServer.User, SshServer.User })
        );
        var bounds = await Client.PostAsync(
            "/api/v1/commands",
            $$"""
            {"name":"wide","project_id":"{{Project}}","kind":"ssh","host_ids":{{JsonSerializer.Serialize(hosts.Select(IdOf))}},
             "arguments":["true"],"host_parallelism":51}
            """
        );
        Assert.That(bounds.ErrorFields, Is.EqualTo(new[] { "host_parallelism" }));
    }

    private async Task LabelAsync(string host, params string[] labels)
    {
        var changed = await Client.PutAsync(host, await BodyOfAsync(host, labels));
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
    }

    private async Task<string> BodyOfAsync(string host, params string[] labels)
    {
        var body = (await Client.GetAsync(host)).Body!;
        return $$"""
            {"name":"{{body["name"]}}","address":"{{body["address"]}}","port":{{body["port"]}},"user_name":"{{body["user_name"]}}",
             "labels":{{JsonSerializer.Serialize(labels)}}}
            """;
    }

    private static string IdOf(string path) => path.Split('/')[^1];

    private static string Body(string[] chosen) => $$"""{"host_ids":{{JsonSerializer.Serialize(chosen.Select(IdOf))}}}""";

    private async Task<string> StartOnAsync(string command, params string[] chosen)
    {
        var answer = await Client.PostAsync($"{command}/runs", Body(chosen));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
        return $"/api/v1/runs/{answer.Body!["id"]}";
    }

    private async Task<List<JsonNode>> PartsAsync(string run) =>
        [.. (await Client.GetAsync($"{run}/hosts")).Body!["items"]!.AsArray().Select(p => p!)];

    private async Task<List<string>> IdsAsync(string path) =>
        [.. (await Client.GetAsync(path)).Body!["items"]!.AsArray().Select(r => (string)r!["id"]!)];
}
