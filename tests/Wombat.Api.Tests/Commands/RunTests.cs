using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Runs of real programs and of real make.</summary>
public sealed class RunTests : CommandTestBase
{
    private const string Text = ""","parameters":[{"name":"VALUE","pattern":"(?s).*"}]""";

    internal static readonly string[] Hostile =
    [
        "a b",
        "'\"`",
        "$(touch /tmp/wombat-hostile)",
        "; exit 9",
        "--help",
        "-x",
        "{{VALUE}}",
        "@/etc/passwd",
        "ünï世😀",
        "a\nb",
        "\\",
        "*",
        "|| true",
        "&",
        "> /tmp/wombat-hostile",
    ];

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["COMMANDS_GRACE_SECONDS"] = "0.5",
            ["COMMANDS_MEMORY_MIB"] = "128",
            ["COMMANDS_PROCESSES"] = "40",
            ["JOBS_LOG_MAX_MIB"] = "1",
        };

    [Test]
    public async Task Run_OfAMakeTarget_GetsItsParameterAndProvesItsEnd()
    {
        var command = await CreateMakeAsync("show", ""","parameters":[{"name":"VERSION","required":true}]""");
        var run = await StartAsync(command, new JsonObject { ["VERSION"] = "1.2" });
        var ended = await EndAsync(run);
        Assert.That(((string)ended["status"]!, (int?)ended["exit_code"]), Is.EqualTo(("succeeded", (int?)0)), ended.ToJsonString());
        Assert.That(ended["arguments"]!.ToJsonString(), Is.EqualTo("""["make","--","show"]"""));
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "<1.2>" }));
        Assert.That((bool)ended["ending"]!["proven"]!, Is.EqualTo((string)ended["ending"]!["isolation"]! == "namespace"));
        Assert.That((string)ended["command_name"]!, Does.StartWith("c"));
    }

    [TestCaseSource(nameof(Hostile))]
    public async Task Run_WithAHostileValue_PassesItUnchangedAsArgumentAndVariable(string value)
    {
        var command = await CreateLocalAsync(["printf", "<%s><%s>", "{{VALUE}}", "x{{VALUE}}y"], Text);
        var run = await StartAsync(command, new JsonObject { ["VALUE"] = value });
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(string.Join('\n', await OutputAsync(run)), Is.EqualTo($"<{value}><x{value}y>"));
        var variable = await StartAsync(await CreateLocalAsync(["printenv", "VALUE"], Text), new JsonObject { ["VALUE"] = value });
        await EndAsync(variable);
        Assert.That(string.Join('\n', await OutputAsync(variable)), Is.EqualTo(value));
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    [TestCase("$(shell touch /tmp/wombat-hostile)")]
    [TestCase("a b")]
    [TestCase("'; touch /tmp/wombat-hostile; '")]
    [TestCase("-f")]
    [TestCase("")]
    [TestCase("a\nb")]
    public async Task Run_OfAMakeTargetWithAHostileValue_IsRefusedByTheNameOfTheParameter(string value)
    {
        var command = await CreateMakeAsync("show", ""","parameters":[{"name":"VERSION","required":true}]""");
        var refused = await Client.PostAsync(
            $"{command}/runs",
            new JsonObject { ["parameters"] = new JsonObject { ["VERSION"] = value } }.ToJsonString()
        );
        Assert.That((refused.Status, refused.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "parameters.VERSION")));
    }

    [Test]
    public async Task Run_WithWrongParameters_NamesEachOfThem()
    {
        const string Parameters =
            ""","parameters":[{"name":"A","type":"integer","min":1,"max":5},{"name":"B","type":"enum","values":["x","y"]},"""
            + """{"name":"C","type":"boolean"},{"name":"D","required":true},{"name":"E"}]""";
        var command = await CreateLocalAsync(["true"], Parameters);
        var refused = await Client.PostAsync(
            $"{command}/runs",
            """{"parameters":{"A":"6","B":"z","C":"yes","E":"a\u0000b","F":"unknown"}}"""
        );
        Assert.That(
            refused.ErrorFields,
            Is.EquivalentTo(new[] { "parameters.A", "parameters.B", "parameters.C", "parameters.D", "parameters.E", "parameters.F" }),
            refused.ToString()
        );
        Assert.That(
            (string)
                (
                    await RunAsync(
                        command,
                        new JsonObject
                        {
                            ["A"] = "5",
                            ["B"] = "y",
                            ["C"] = "true",
                            ["D"] = "d",
                        }
                    )
                )["status"]!,
            Is.EqualTo("succeeded")
        );
    }

    [Test]
    public async Task Run_WithoutAnOptionalParameter_LeavesItsArgumentOut()
    {
        var command = await CreateLocalAsync(["printf", "<%s>", "a", "{{MORE}}", "b"], ""","parameters":[{"name":"MORE"}]""");
        var run = await StartAsync(command);
        await EndAsync(run);
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "<a><b>" }));
    }

    [Test]
    public async Task Run_WithASecret_MasksItAndStoresItEncrypted()
    {
        const string Secret = "open-sesame-42";
        var command = await CreateLocalAsync(
            ["sh", "-c", "printf open-; sleep 0.3; echo \"sesame-42\"; printf %s \"$TOKEN\" | base64; echo \"got $TOKEN\" >&2"],
            ""","parameters":[{"name":"TOKEN","type":"secret","required":true}]"""
        );
        var run = await StartAsync(command, new JsonObject { ["TOKEN"] = Secret });
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"));
        Assert.That(ended["parameters"]!.ToJsonString(), Is.EqualTo("""{"TOKEN":null}"""));
        var texts = (await LinesAsync(run)).Select(l => (string)l["text"]!).ToList();
        Assert.That(texts, Has.Some.EqualTo("got ***").And.None.Contain("sesame"));
        Assert.That(texts, Has.None.Contain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))));
        Assert.That(
            await Server.ScalarAsync<long>(
                $"select (select count(*) from runs where runs::text like '%{Secret}%') + (select count(*) from jobs where jobs::text like "
                    + $"'%{Secret}%') + (select count(*) from events where events::text like '%{Secret}%')"
            ),
            Is.Zero
        );
        var again = await Client.PostAsync($"{run}/repeat");
        var repeated = await EndAsync($"/api/v1/runs/{again.Body!["id"]}");
        Assert.That((string)repeated["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)repeated["repeats_id"]!, Is.EqualTo((string)ended["id"]!));
        Assert.That(
            await LinesAsync($"/api/v1/runs/{again.Body!["id"]}"),
            Has.Some.Matches<JsonNode>(l => (string)l["text"]! == "got ***")
        );
    }

    [Test]
    public async Task Run_InItsEnvironment_SeesNothingOfWombat()
    {
        var run = await StartAsync(await CreateLocalAsync(["env"], ""","environment":{"FIXED":"value"}"""));
        await EndAsync(run);
        Assert.That(
            (await OutputAsync(run)).Select(l => l.Split('=')[0]),
            Is.EquivalentTo(new[] { "PATH", "HOME", "TMPDIR", "LANG", "USER", "LOGNAME", "WOMBAT_RUN_ID", "FIXED", "PWD" })
                .Or.EquivalentTo(
                    new[] { "PATH", "HOME", "TMPDIR", "LANG", "USER", "LOGNAME", "WOMBAT_RUN_ID", "FIXED", "PWD", "OLDPWD", "SHLVL", "_" }
                )
        );
    }

    [Test]
    public async Task Run_AsRoot_HasNoRightsAndNoNewOnes()
    {
        var run = await StartAsync(
            await CreateLocalAsync([
                "sh",
                "-c",
                "id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; pwd; touch here && echo made",
            ])
        );
        await EndAsync(run);
        var output = await OutputAsync(run);
        Assume.That(Environment.UserName, Is.EqualTo("root"), "Wombat switches accounts only as root");
        Assert.That(output[0], Is.Not.EqualTo("0"));
        Assert.That(output, Has.Some.Match("CapEff:\\s+0{16}").And.Some.Match("CapBnd:\\s+0{16}").And.Some.Match("NoNewPrivs:\\s+1"));
        Assert.That(output[^1], Is.EqualTo("made"), "it has a folder of its own");
        Assert.That(System.IO.Directory.Exists(output[^2]), Is.False, "which is removed");
    }

    [TestCase("exit 3", 3, "The command exited with code 3.")]
    [TestCase("kill -9 $$", 137, "The command exited with code 137: signal 9 ended it.")]
    [TestCase("exec /no/such/program", 127, "The command exited with code 127: the program was not found.")]
    public async Task Run_ThatFails_TellsItsExitCode(string script, int code, string message)
    {
        var ended = await RunAsync(await CreateLocalAsync(["sh", "-c", script]));
        Assert.That(
            ((string)ended["status"]!, (int)ended["exit_code"]!, (string)ended["error"]!["message"]!),
            Is.EqualTo(("failed", code, message))
        );
    }

    [TestCase("trap '' TERM; (setsid sh -c \"trap '' TERM; sleep MARK\" >/dev/null 2>&1 &); echo ready; sleep MARK; sleep MARK", "SIGKILL")]
    [TestCase("(setsid env -i sleep MARK &); echo ready; exec sleep MARK", "SIGTERM")]
    [TestCase("nohup sleep MARK >/dev/null 2>&1 & echo ready; exec sleep MARK", "SIGTERM")]
    [TestCase("echo ready; exec sleep MARK >&- 2>&-", "SIGTERM")]
    public async Task Cancel_OfARun_LeavesNoProcessAndProvesIt(string script, string lastSignal)
    {
        var mark = Marker();
        var run = await StartAsync(await CreateLocalAsync(["sh", "-c", script.Replace("MARK", mark, StringComparison.Ordinal)]));
        await Eventually.UntilAsync(async () => (await OutputAsync(run)).Contains("ready"), "the program runs");
        await Eventually.UntilAsync(() => Sleeping(mark), "its processes run");
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That((string)ended["ending"]!["signals"]!.AsArray()[^1]!, Is.EqualTo(lastSignal));
        Assume.That((string)ended["ending"]!["isolation"]!, Is.EqualTo("namespace"));
        Assert.That(Sleeping(mark), Is.False, "nothing of it is left");
        Assert.That((bool)ended["ending"]!["proven"]!, Is.True, ended.ToJsonString());
        Assert.That(
            (await Client.GetAsync($"/api/v1/events?target_id={ended["id"]}&action=run.ended")).Body!["items"]!.AsArray(),
            Has.Count.EqualTo(1)
        );
    }

    [Test]
    public async Task Run_WithADaemonThatHoldsItsOutput_EndsWithItsProgram()
    {
        var mark = Marker();
        var started = TimeProvider.System.GetTimestamp();
        var run = await StartAsync(await CreateLocalAsync(["sh", "-c", $"setsid sleep {mark} & echo done"]));
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(20)));
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "done" }));
        Assert.That(Sleeping(mark), Is.False);
    }

    [Test]
    public async Task Run_PastItsTimeLimit_IsEnded()
    {
        var ended = await RunAsync(await CreateLocalAsync(["sleep", "1000"], ""","timeout_seconds":1"""));
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "command_timed_out")));
        Assert.That(ended["exit_code"], Is.Null);
    }

    [Test]
    public async Task Run_WithEndlessOutput_EndsAtTheLimitOfTheLog()
    {
        var ended = await RunAsync(await CreateLocalAsync(["yes", "0123456789012345678901234567890123456789"]));
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("failed", "output_too_large")));
    }

    [Test]
    public async Task Run_PastItsLimitOfMemory_IsKilledAndTheServerLives()
    {
        var objections = (await PlanAsync(await CreateLocalAsync(["true"])))["objections"]!.AsArray();
        Assume.That(objections, Is.Empty, "this machine allows limits");
        Assert.That(
            (string)(await RunAsync(await CreateLocalAsync(["sh", "-c", "x=; while :; do x=$x$x.0123456789; done"])))["status"]!,
            Is.EqualTo("failed")
        );
    }

    [Test]
    public async Task Plan_OfARun_ShowsWhatWouldBeExecutedWithoutSecrets()
    {
        var command = await CreateMakeAsync("missing", ""","parameters":[{"name":"KEY","type":"secret"}],"environment":{"A":"b"}""");
        var plan = (await Client.PostAsync($"{command}/plan", """{"parameters":{"KEY":"very-secret"}}""")).Body!;
        Assert.That(plan["arguments"]!.ToJsonString(), Is.EqualTo("""["make","--","missing"]"""));
        Assert.That(plan["environment"]!.ToJsonString(), Is.EqualTo("""{"A":"b","KEY":"***"}"""));
        Assert.That((string)plan["directory"]!, Is.EqualTo(Directory));
        Assert.That(plan["objections"]!.ToJsonString(), Does.Contain("The Makefile has no target missing."));
    }

    [Test]
    public async Task Run_OfABusyCommand_FollowsItsConcurrency()
    {
        const string Script = "sleep 0.6; echo end";
        var refusing = await CreateLocalAsync(["sh", "-c", Script], ""","concurrency":"refuse" """);
        var first = await StartAsync(refusing);
        var second = await Client.PostAsync($"{refusing}/runs", "{}");
        Assert.That((second.Status, second.Code), Is.EqualTo((HttpStatusCode.Conflict, "command_busy")));
        await EndAsync(first);
        Assert.That((await Client.PostAsync($"{refusing}/runs", "{}")).Status, Is.EqualTo(HttpStatusCode.Accepted));

        var queueing = await CreateLocalAsync(["sh", "-c", Script], ""","concurrency":"queue" """);
        var runs = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            runs.Add(await StartAsync(queueing));
        }

        var ended = new List<JsonNode>();
        foreach (var run in runs)
        {
            ended.Add(await EndAsync(run));
        }

        for (var i = 1; i < ended.Count; i++)
        {
            Assert.That((DateTimeOffset)ended[i]["started_at"]!, Is.GreaterThanOrEqualTo((DateTimeOffset)ended[i - 1]["finished_at"]!));
        }

        var replacing = await CreateLocalAsync(["sleep", "1000"], ""","concurrency":"cancel_older" """);
        var older = await StartAsync(replacing);
        var newer = await StartAsync(replacing);
        Assert.That((string)(await EndAsync(older))["status"]!, Is.EqualTo("cancelled"));
        await Client.WaitAsync(newer, "status", TimeSpan.FromSeconds(30), "running");
        await Client.PostAsync($"{JobOf(newer)}/cancel");
        await EndAsync(newer);
    }

    [Test]
    public async Task Runs_InALongList_AreFiltered()
    {
        var command = await CreateLocalAsync(["sh", "-c", "exit ${CODE}"], ""","parameters":[{"name":"CODE","type":"integer"}]""");
        foreach (var code in new[] { "0", "7", "7" })
        {
            await RunAsync(command, new JsonObject { ["CODE"] = code });
        }

        var id = command[(command.LastIndexOf('/') + 1)..];
        Assert.That(await CountAsync($"command_id={id}"), Is.EqualTo(3));
        Assert.That(await CountAsync($"command_id={id}&exit_code=7"), Is.EqualTo(2));
        Assert.That(await CountAsync($"command_id={id}&status=succeeded&project_id={Project}"), Is.EqualTo(1));
        Assert.That(await CountAsync($"command_id={id}&requested_by=nobody"), Is.Zero);
        Assert.That(await CountAsync($"command_id={id}&from=2100-01-01T00:00:00Z"), Is.Zero);
        Assert.That(await CountAsync($"command_id={id}&host={Uri.EscapeDataString(Environment.MachineName)}"), Is.EqualTo(3));
    }

    [Test]
    public async Task Run_AfterAChangeOfItsCommand_KeepsWhatItWasRequestedWith()
    {
        var command = await CreateLocalAsync(["echo", "old"]);
        var run = await StartAsync(command);
        await EndAsync(run);
        var changed = await Client.PutAsync(command, """{"name":"changed","kind":"local","arguments":["echo","new"]}""");
        Assert.That((changed.Status, (int)changed.Body!["version"]!), Is.EqualTo((HttpStatusCode.OK, 2)), changed.ToString());
        Assert.That((await Client.DeleteAsync(command)).Status, Is.EqualTo(HttpStatusCode.NoContent));
        var again = $"/api/v1/runs/{(await Client.PostAsync($"{run}/repeat")).Body!["id"]}";
        Assert.That((int)(await EndAsync(again))["command_version"]!, Is.EqualTo(1));
        Assert.That(await OutputAsync(again), Is.EqualTo(new[] { "old" }));
    }

    private async Task<JsonNode> PlanAsync(string command) => (await Client.PostAsync($"{command}/plan", "{}")).Body!;

    private async Task<int> CountAsync(string query) => (await Client.GetAsync($"/api/v1/runs?{query}")).Body!["items"]!.AsArray().Count;

    // A duration that no other test sleeps for.
    private static string Marker() => $"{Random.Shared.Next(100_000, 999_999)}.5";

    internal static bool Sleeping(string mark) =>
        System.IO.Directory.EnumerateDirectories("/proc").Any(p => ReadCommandLine(p).Contains($"sleep\0{mark}", StringComparison.Ordinal));

    private static string ReadCommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
