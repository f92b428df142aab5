using System.Net;
using System.Text.Json;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Commands in a real container.</summary>
[Category("Slow")]
public sealed class ExecTests : InsideTestBase
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Exec_OfACommand_LogsItsOutputByStream()
    {
        var (job, stdout, stderr) = await RunAsync("sh", "-c", "echo one; echo two >&2; echo three");
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
        Assert.That((string)job["kind"]!, Is.EqualTo("resource.exec"));
        Assert.That(stdout, Is.EqualTo(new[] { "one", "three" }));
        Assert.That(stderr, Is.EqualTo(new[] { "two" }));
        Assert.That((string)(await Client.GetAsync(Container)).Body!["status"]!, Is.EqualTo("running"));
    }

    [TestCase("exit 3", "command_failed", "The command exited with code 3.")]
    [TestCase("exit 127", "command_failed", "The command exited with code 127: the program was not found.")]
    [TestCase("kill -9 $$", "command_failed", "The command exited with code 137: signal 9 ended it.")]
    public async Task Exec_WhenCommandFails_FailsWithItsExitCode(string script, string code, string message)
    {
        var (job, _, _) = await RunAsync("sh", "-c", script);
        Assert.That(
            ((string)job["status"]!, (string)job["error"]!["code"]!, (string)job["error"]!["message"]!),
            Is.EqualTo(("failed", code, message))
        );
        Assert.That((int)job["attempt"]!, Is.EqualTo(1), "a command is not repeated");
        Assert.That((string)(await Client.GetAsync(Container)).Body!["status"]!, Is.EqualTo("running"), "the container itself is fine");
    }

    [Test]
    public async Task Exec_OfAMissingProgram_FailsWith127()
    {
        var (job, _, _) = await RunAsync("no-such-program");
        Assert.That((string)job["error"]!["message"]!, Does.Contain("127").And.Contain("not found"));
    }

    [Test]
    public async Task Exec_WithHostileArguments_PassesThemUnchanged()
    {
        string[] hostile =
        [
            "a b",
            "'\"`",
            "$(touch /tmp/hostile)",
            "; exit 9",
            "--help",
            "--",
            "-x",
            "",
            "{id}",
            "@/etc/passwd",
            "ünï\u4e16\U0001F600",
            "a\nb",
            "\\",
            "*",
        ];
        var (job, stdout, _) = await RunAsync(["sh", "-c", "for a in \"$@\"; do printf '<%s>\\n' \"$a\"; done", .. hostile.Prepend("sh")]);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
        Assert.That(string.Join('\n', stdout), Is.EqualTo(string.Join('\n', hostile.Select(a => $"<{a}>"))));
    }

    [Test]
    public async Task Exec_InsideTheContainer_SeesOnlyPipesAndACleanEnvironment()
    {
        const string Marker = "86425";
        var job = await ExecAsync("", "sleep", Marker);
        var sleep = "";
        await Eventually.UntilAsync(() => (sleep = Sleep(Marker)).Length > 0, "the command runs");
        var files = Directory.GetFiles($"{sleep}/fd").ToDictionary(f => Path.GetFileName(f), f => new FileInfo(f).LinkTarget);
        Assert.That(files.Keys, Is.EquivalentTo(new[] { "0", "1", "2" }));
        Assert.That(files.Values, Has.All.StartsWith("pipe:"));
        await Client.PostAsync($"{job}/cancel");
        var (_, environment, _) = await RunAsync("env");
        Assert.That(
            environment.Select(e => e.Split('=')[0]),
            Is.EquivalentTo(new[] { "PATH", "HOME", "LANG", "TERM", "container", "FORGE_COMMAND_ID" })
        );
    }

    [Test]
    public async Task ForgeExec_WithInheritedFiles_KeepsThemFromTheContainer()
    {
        var command = new ChildCommand(
            "/bin/sh",
            ["-c", "exec 7</etc/passwd; exec \"$@\"", "sh", WombatProcess.Forge(), "exec", "--id", Name, "--", "ls", "/proc/self/fd"],
            Patience
        )
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = Server.DataDirectory },
        };
        var result = await ChildProcess.RunAsync(command, CancellationToken.None);

        // ls has the folder open as 3.
        Assert.That((result.ExitCode, result.Output), Is.EqualTo((0, "0\n1\n2\n3\n")), result.ErrorTail);
    }

    [TestCase("exit 3", 3)]
    [TestCase("kill -9 $$", 137)]
    [TestCase("exec no-such-program", 127)]
    public async Task ForgeExec_WithoutFrames_HasTheExitCodeOfTheCommand(string script, int expected) =>
        Assert.That((await ForgeAsync(Name, "sh", "-c", script)).ExitCode, Is.EqualTo(expected));

    [Test]
    public async Task ForgeExec_WithoutFrames_HasCodesOfItsOwnForItsFailures()
    {
        var missing = await ForgeAsync("no-such-container", "true");
        Assert.That((missing.ExitCode, missing.ErrorTail), Is.EqualTo((125, "container no-such-container does not exist")));
        var late = await ForgeAsync(Name, "sleep", "86426");
        Assert.That((late.ExitCode, late.ErrorTail), Is.EqualTo((124, "the command did not exit within 1 s and was ended")));
    }

    [Test]
    public async Task Exec_AsAnotherUser_HasItsIds()
    {
        var job = await ExecAsync(""","user":1000""", "sh", "-c", "id -u; id -g");
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        var log = (await Client.GetAsync($"{job}/log")).Body!["items"]!.AsArray();
        Assert.That(log.Select(l => (string)l!["text"]!), Is.EqualTo(new[] { "1000", "1000" }));
    }

    [Test]
    public async Task Exec_WhenTimeIsOver_EndsEverythingThatItStarted()
    {
        const string Marker = "86421";
        var job = await ExecAsync(
            ""","timeout_seconds":1""",
            "sh",
            "-c",
            $"setsid sleep {Marker} & setsid sh -c 'trap \"\" TERM; sleep {Marker}; sleep {Marker}' & echo started; sleep {Marker}"
        );
        var ended = await Client.WaitForJobAsync(job);
        Assert.That(
            ((string)ended["status"]!, (string)ended["error"]!["code"]!, (string)ended["error"]!["message"]!),
            Is.EqualTo(("failed", "command_timed_out", "The command did not exit within 1 s and was ended."))
        );
        Assert.That(CountProcesses(Marker), Is.Zero);
    }

    [Test]
    public async Task Exec_WithEndlessOutput_EndsWhenCancelled()
    {
        const string Marker = "endless-86422";
        var job = await ExecAsync(""","timeout_seconds":600""", "sh", "-c", $"yes {Marker}");
        await Eventually.GetAsync(
            () => Client.GetAsync($"{job}/log?after=20000&limit=1"),
            log => log.Body!["items"]!.AsArray().Count > 0,
            "the log has many lines"
        );
        Assert.That(CountProcesses(Marker), Is.GreaterThan(0));
        Assert.That((int)(await Client.PostAsync($"{job}/cancel")).Status, Is.EqualTo(202));
        await Client.WaitAsync(job, "status", Patience, "cancelled");
        Assert.That(CountProcesses(Marker), Is.Zero, "the command inside has ended");
        Assert.That((string)(await Client.GetAsync(Container)).Body!["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Exec_WhenForgeIsKilled_FailsAndIsNotRepeated()
    {
        const string Marker = "86423";
        var job = await ExecAsync("", "sleep", Marker);
        await Eventually.UntilAsync(() => IsAsleep(Marker), "the command runs");
        foreach (var forge in System.Diagnostics.Process.GetProcessesByName("forge"))
        {
            if ((await File.ReadAllTextAsync($"/proc/{forge.Id}/cmdline")).Contains(Marker, StringComparison.Ordinal))
            {
                forge.Kill();
            }
        }

        var ended = await Client.WaitForJobAsync(job);
        Assert.That(((string)ended["status"]!, (int)ended["attempt"]!), Is.EqualTo(("failed", 1)), ended.ToJsonString());
    }

    [Test]
    public async Task Exec_WhenContainerStopsMeanwhile_SaysSo()
    {
        var (path, name) = await NewContainerAsync();
        var job = (await Client.PostAsync($"{path}/exec", """{"command":["sleep","86424"]}""")).Location!;
        await Eventually.UntilAsync(() => IsAsleep("86424"), "the command runs");
        await Lxc.RunAsync("lxc-stop", "-P", Path.Combine(Server.DataDirectory, "lxc"), "-n", name, "-k");
        var ended = await Client.WaitForJobAsync(job);
        Assert.That((string)ended["error"]!["code"]!, Is.EqualTo("conflict"), ended.ToJsonString());
        Assert.That((string)ended["error"]!["message"]!, Does.EndWith("stopped"));
        await Client.WaitAsync(path, "status", Patience, "stopped");
        var refused = await Client.PostAsync($"{path}/exec", """{"command":["true"]}""");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "not_operable")));
    }

    [Test]
    public async Task Exec_WithoutPermission_IsRefused()
    {
        const string Body = """{"command":["true"]}""";
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var (stranger, _) = await Client.CreateMemberAsync();
        using var one = viewer;
        using var two = developer;
        using var three = stranger;
        Assert.That((await viewer.PostAsync($"{Container}/exec", Body)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await stranger.PostAsync($"{Container}/exec", Body)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await developer.PostAsync($"{Container}/exec", Body)).Status, Is.EqualTo(HttpStatusCode.Accepted));
        var actions = (await developer.GetAsync(Container)).Body!["actions"]!.AsArray().Select(a => (string)a!);
        Assert.That(actions, Does.Contain("exec").And.Contain("console"));
        Assert.That((await viewer.GetAsync(Container)).Body!["actions"]!.AsArray(), Is.Empty);
    }

    [TestCase("""{}""")]
    [TestCase("""{"command":[]}""")]
    [TestCase("""{"command":[""]}""")]
    [TestCase("""{"command":["a",null]}""")]
    [TestCase("""{"command":["a\u0000b"]}""")]
    public async Task Exec_OfAnInvalidCommand_Is400(string body)
    {
        var refused = await Client.PostAsync($"{Container}/exec", body);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.Body!["errors"]!.AsObject().Select(e => e.Key), Has.All.StartsWith("command"));
    }

    [Test]
    public async Task Exec_BeyondTheLimits_Is400()
    {
        string Of(IEnumerable<string> command, string more = "") => $$"""{"command":{{JsonSerializer.Serialize(command)}}{{more}}}""";
        foreach (
            var (field, body) in new[]
            {
                ("command", Of(Enumerable.Repeat("x", 101))),
                ("command", Of(["x", new string('x', 32 * 1024)])),
                ("timeout_seconds", Of(["x"], ""","timeout_seconds":0""")),
                ("timeout_seconds", Of(["x"], ""","timeout_seconds":3601""")),
                ("user", Of(["x"], ""","user":-1""")),
                ("user", Of(["x"], ""","user":65536""")),
            }
        )
        {
            var refused = await Client.PostAsync($"{Container}/exec", body);
            Assert.That(
                (refused.Status, refused.Body!["errors"]!.AsObject().Single().Key),
                Is.EqualTo((HttpStatusCode.BadRequest, field)),
                refused.ToString()
            );
        }

        var most = await RunAsync([.. Enumerable.Repeat("true", 1), .. Enumerable.Repeat(new string('x', 300), 99)]);
        Assert.That((string)most.Job["status"]!, Is.EqualTo("succeeded"), most.Job.ToJsonString());
    }

    [Test]
    public async Task Exec_OfACommand_IsAuditedWithItsArguments()
    {
        await RunAsync("echo", "audited");
        var events = (await Client.GetAsync($"{Container}/events?limit=200")).Body!["items"]!.AsArray();
        var asked = events.Last(e => (string)e!["action"]! == "container.exec_requested")!;
        Assert.That(asked["after"]!["command"]!.AsArray().Select(a => (string)a!), Is.EqualTo(new[] { "echo", "audited" }));
        Assert.That((string?)asked["actor"], Is.Not.Empty);
    }

    private Task<ChildResult> ForgeAsync(string container, params string[] command) =>
        ChildProcess.RunAsync(
            new ChildCommand(WombatProcess.Forge(), ["exec", "--id", container, "--timeout", "1", "--", .. command], Patience)
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = Server.DataDirectory },
            },
            CancellationToken.None
        );

    // The process of the command itself, without forge and lxc-attach.
    private static string Sleep(string marker) =>
        Directory.EnumerateDirectories("/proc").FirstOrDefault(d => CommandLineOf(d) == $"sleep\0{marker}\0") ?? "";
}
