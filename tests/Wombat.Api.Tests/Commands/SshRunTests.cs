using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Runs of real programs on a real sshd.</summary>
public sealed class SshRunTests : SshTestBase
{
    private const string Text = ""","parameters":[{"name":"VALUE","pattern":"(?s).*"}]""";

    [TestCase("/bin/bash")]
    [TestCase("/bin/dash")]
    [TestCase("/bin/tcsh")]
    public async Task Run_WithHostileValues_PassesThemUnchangedInAnyShell(string shell)
    {
        await using var server = await SshServer.StartAsync(shell);
        var host = await TrustAsync(server);
        var print = await CreateSshAsync([host], ["printf", "<%s>", "{{VALUE}}", "x{{VALUE}}y"], Text);
        var variable = await CreateSshAsync([host], ["sh", "-c", "printf '%s' \"$VALUE\""], Text);
        var value = string.Concat(RunTests.Hostile) + "!x'\\''\\\\ $HOME `id` %s \t" + new string('a', 5000);
        var run = await StartAsync(print, new JsonObject { ["VALUE"] = value });
        var printed = await EndAsync(run);
        Assert.That((string)printed["status"]!, Is.EqualTo("succeeded"), $"{printed["error"]}");
        Assert.That(string.Join('\n', await OutputAsync(run)), Is.EqualTo($"<{value}><x{value}y>"));
        run = await StartAsync(variable, new JsonObject { ["VALUE"] = value });
        await EndAsync(run);
        Assert.That(string.Join('\n', await OutputAsync(run)), Is.EqualTo(value));
        var large = await CreateSshAsync(
            [host],
            ["sh", "-c", "printf '%s' \"$VALUE\" | cksum; printf '%s' \"$1\" | cksum", "sh", "{{VALUE}}"],
            Text
        );
        run = await StartAsync(large, new JsonObject { ["VALUE"] = string.Concat(Enumerable.Repeat("'\\\n", 33_000)) });
        await EndAsync(run);
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "1116996105 99000", "1116996105 99000" }));
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    [Test]
    public async Task Run_WithNamesThatTheScriptUses_GetsThem()
    {
        await using var server = await SshServer.StartAsync();
        var names = new[] { "run", "pid", "since", "start", "line", "p", "n", "found", "code", "watch", "grace" };
        var parameters = string.Join(',', names.Select(n => $$"""{"name":"{{n}}"}"""));
        var command = await CreateSshAsync([await TrustAsync(server)], ["env"], $$""","parameters":[{{parameters}}]""");
        var values = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)$"value-of-{n}")));
        var run = await StartAsync(command, values);
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        Assert.That(await OutputAsync(run), Is.SupersetOf(names.Select(n => $"{n}=value-of-{n}")));
        Assert.That(await OutputAsync(run), Has.None.Contain("WOMBAT_MARK"));
    }

    [Test]
    public async Task Run_ThatEnds_TellsItsCodeItsOutputAndThatNothingIsLeft()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync(
            [await TrustAsync(server)],
            ["sh", "-c", "echo out; printf unfinished >&2; setsid sleep 1000 & exit 3"]
        );
        var run = await StartAsync(command);
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (int?)ended["exit_code"]), Is.EqualTo(("failed", (int?)3)), ended.ToJsonString());
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That((string)ended["ending"]!["isolation"]!, Is.EqualTo("session"));
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "out" }));
        var errors = (await LinesAsync(run)).Where(l => (string)l["stream"]! == "stderr").Select(l => (string)l["text"]!);
        Assert.That(errors, Is.EqualTo(new[] { "unfinished" }), "the script's own lines are not in the log");
        Assert.That(server.Processes(), Is.Empty, "the daemon is ended");
        Assert.That((string)ended["host"]!, Does.StartWith("host"));
        var missing = await RunAsync(await CreateSshAsync([$"/api/v1/hosts/{ended["ssh_host_id"]}"], ["no-such-program"]));
        Assert.That(((string)missing["status"]!, (int?)missing["exit_code"]), Is.EqualTo(("failed", (int?)127)));
    }

    [Test]
    public async Task Cancel_OfATermProofProgramWithDaemons_LeavesNothingThere()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync(
            [await TrustAsync(server)],
            [
                "sh",
                "-c",
                "trap '' TERM; setsid sleep 1001 & (setsid sh -c 'trap \"\" TERM; sleep 1002; sleep 1003' &) ; "
                    + "echo up; sleep 1000; sleep 1004",
            ]
        );
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        Assert.That(server.Processes(), Has.Some.Contain("sleep 1000"));
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That(ended["ending"]!["signals"]!.ToJsonString(), Is.EqualTo("""["SIGTERM","SIGKILL"]"""));
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Cancel_OnAHostWithoutProc_EndsTheGroupAndProvesNothing()
    {
        await using var server = await SshServer.StartAsync("/bin/dash", hasProc: false);
        var run = await StartAsync(await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "trap '' TERM; echo up; sleep 1000"]));
        await WaitForOutputAsync(run, "up");
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That((bool)ended["ending"]!["proven"]!, Is.False);
        Assert.That((string)ended["ending"]!["explanation"]!, Does.Contain("has no /proc"));
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Run_WhoseDaemonHoldsTheOutput_EndsAndNamesIt()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "(env -i setsid sleep 1005 &); echo out; exit 0"]);
        var ended = await RunAsync(command);
        Assert.That(((string)ended["status"]!, (int?)ended["exit_code"]), Is.EqualTo(("succeeded", (int?)0)), ended.ToJsonString());
        Assert.That((bool)ended["ending"]!["proven"]!, Is.False);
        Assert.That((string)ended["ending"]!["explanation"]!, Does.Contain("sleep"));
    }

    [Test]
    public async Task Retry_OfARunWhoseProgramMayRunYet_EndsItFirst()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync(
            [await TrustAsync(server)],
            ["sh", "-c", "echo up; [ -e again ] && exit 0; touch again; sleep 1000"]
        );
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        await server.KillAsync();
        Assert.That((string)(await EndAsync(run))["error"]!["code"]!, Is.EqualTo("host_connection_lost"));
        Assert.That((await Client.PostAsync($"{JobOf(run)}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("failed"), "what may run yet must be ended first");
        await server.StartAgainAsync();
        await Client.PostAsync($"{JobOf(run)}/retry");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        Assert.That((await LinesAsync(run)).Select(l => (string)l["text"]!), Has.Some.StartWith("The earlier attempt: "));
    }

    [Test]
    public async Task Run_OverItsTime_IsEndedThere()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync([await TrustAsync(server)], ["sleep", "1000"], ""","timeout_seconds":1""");
        var ended = await RunAsync(command);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "command_timed_out")));
        Assert.That((bool)ended["ending"]!["proven"]!);
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Run_WhoseLoginIsCutShort_SignsInAgain()
    {
        await using var server = await SshServer.StartAsync();
        await using var proxy = new TcpProxy(server.Port);
        var command = await CreateSshAsync([await TrustAsync(server, port: proxy.Port)], ["echo", "done"]);
        var cut = proxy.CutAsync(bytes: 1, () => Task.CompletedTask);
        var run = await StartAsync(command);
        await cut;
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (int)ended["exit_code"]!), Is.EqualTo(("succeeded", 0)), ended.ToJsonString());
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "done" }));
    }

    [Test]
    public async Task Run_WhoseConnectionEnds_IsEndedOverAnother()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "trap '' TERM HUP; echo up; sleep 1000; sleep 1001"]);
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        await server.SignalSessionsAsync("KILL");
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "host_connection_lost")));
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Run_WhoseHostStopsAnswering_FailsWithinTheKeepAliveTimeAndSaysThatItIsUnknown()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "echo up; sleep 1000"]);
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        await server.KillAsync();
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "host_connection_lost")));
        Assert.That((bool)ended["ending"]!["proven"]!, Is.False);
        Assert.That((string)ended["ending"]!["explanation"]!, Does.Contain("could not be learnt"));
    }

    [Test]
    public async Task Run_OfACommandWithTwoHosts_ChoosesOne()
    {
        await using var first = await SshServer.StartAsync();
        await using var second = await SshServer.StartAsync();
        string[] hosts = [await TrustAsync(first), await TrustAsync(second)];
        var command = await CreateSshAsync(hosts, ["id", "-u"]);
        var refused = await Client.PostAsync($"{command}/runs", "{}");
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "host_ids")));
        foreach (var (host, server) in hosts.Zip([first, second]))
        {
            var answer = await Client.PostAsync($"{command}/runs", $$"""{"host_ids":["{{host.Split('/')[^1]}}"]}""");
            var run = $"/api/v1/runs/{answer.Body!["id"]}";
            await EndAsync(run);
            Assert.That(await OutputAsync(run), Is.EqualTo(new[] { $"{server.Uid}" }));
            var again = await Client.PostAsync($"{run}/repeat");
            Assert.That((string)again.Body!["ssh_host_id"]!, Is.EqualTo(host.Split('/')[^1]));
        }
    }

    [Test]
    public async Task Run_WithASecret_ShowsItToNobodyOnTheHost()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync(
            [await TrustAsync(server)],
            ["sh", "-c", "echo up; echo \"$TOKEN\"; read -r x < go; echo end"],
            ""","parameters":[{"name":"TOKEN","type":"secret","required":true}]"""
        );
        await Infrastructure.Processes.ChildProcess.RunAsync(
            new("/usr/bin/mkfifo", ["-m", "666", Path.Combine(server.Home, "go")], TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );
        var run = await StartAsync(command, new JsonObject { ["TOKEN"] = "open-sesame-43" });
        await WaitForOutputAsync(run, "***");
        Assert.That(server.Processes(), Has.Some.Contain("echo up").And.None.Contain("sesame"), "no command line holds it");
        await File.WriteAllTextAsync(Path.Combine(server.Home, "go"), "\n");
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
    }
}
