using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Jobs and their logs, with CLIs that do what real ones do on bad days.</summary>
public sealed class JobApiTests
{
    private TestFolder folder = null!;
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    // The template says how the CLI behaves; containers are files, the log goes to standard error.
    private const string Cli = """
        state="$(dirname "$0")/made"; mkdir -p "$state"
        command="$1"; shift
        while [ $# -gt 0 ]; do case "$1" in --name) name="$2";; --template) template="$2";; --id) id="$2";; esac; shift 2; done
        done_() { touch "$state/$name"; echo "{\"id\":\"$name\",\"name\":\"$name\",\"status\":\"running\"}"; }
        tries="$state/.$name.tries"
        case "$command" in
        status) [ -f "$state/.$id.mute" ] && { echo "???"; exit 0; }; [ -f "$state/$id" ] || { echo "no such container" >&2; exit 3; }; echo "{\"id\":\"$id\",\"status\":\"running\"}";;
        delete) [ -f "$state/.$id.dead" ] && { echo "the node is no more" >&2; exit 1; }; [ -f "$state/$id" ] || { echo "no such container" >&2; exit 3; }; rm -f "$state/$id"; echo '{"status":"deleted"}';;
        create)
          [ -f "$state/$name" ] && { done_; exit 0; }
          echo x >>"$tries"
          case "$template" in
          quick) done_;;
          lines) for i in $(seq 1 40); do echo "line $i" >&2; sleep 0.05; done; done_;;
          flood) seq -f 'line %.0f of a flood that is as long as log lines of build tools usually are, some hundred characters' 1 200000 >&2; done_;;
          hang) sleep 300 & echo $! >"$state/.$name.child"; echo "waiting" >&2; wait;;
          huge) head -c 52428800 /dev/zero | tr '\0' 'x';;
          half) touch "$state/.$name.half"; [ "$(wc -l <"$tries")" -ge 3 ] && { done_; exit 0; }; printf '{"id":"%s","sta' "$name";;
          flaky) [ "$(wc -l <"$tries")" -le 2 ] && { echo "the node is busy" >&2; exit 7; }; done_;;
          full) echo "no room for $name" >&2; exit 5;;
          conflict) echo "somebody else's" >&2; exit 4;;
          garbled) printf 'no\000 room \033[31mat all\033[0m \377\n' >&2; exit 1;;
          longid) printf '{"id":"%s","status":"running"}' "$(head -c 5000 /dev/zero | tr '\0' 9)";;
          option) echo '{"id":"--all","status":"running"}';;
          nulid) echo '{"id":"a\u0000b","status":"running"}';;
          halfpair) echo '{"id":"\ud800","status":"running"}';;
          twice) touch "$state/$name"; echo "{\"id\":1,\"id\":\"$name\",\"status\":\"running\"}";;
          oddaddress) touch "$state/$name"; echo "{\"id\":\"$name\",\"status\":\"running\",\"ip\":\"<b>\\u0000\"}";;
          secretive) echo "token" >&2; exit 6;;
          *) exit 2;;
          esac;;
        *) exit 2;;
        esac
        """;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        server = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_ENABLED"] = "true",
            ["PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder.Path, "cli", Cli),
            ["PLUGINS_PROXMOX_CREATE_TIMEOUT_SECONDS"] = "20",
            ["JOBS_CONCURRENCY"] = "8",
        });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Log_CutAndResumedTenTimes_YieldsEachLineOnceInOrder()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        var numbers = new List<long>();
        var texts = new List<string>();
        string? last = null;
        var end = "";
        for (var connection = 0; end.Length == 0; connection++)
        {
            Assert.That(connection, Is.LessThan(200));
            var cutAfter = connection < 10 ? 2 : int.MaxValue;
            await foreach (var one in EventStreamReader.ReadAsync(Client, $"{job}/log", last))
            {
                if (one.Name == "end")
                {
                    end = one.Data;
                    break;
                }

                var lines = JsonNode.Parse(one.Data)!.AsArray();
                numbers.AddRange(lines.Select(l => (long)l!["number"]!));
                texts.AddRange(lines.Select(l => (string)l!["text"]!));
                last = one.Id;
                if (--cutAfter == 0)
                {
                    break;
                }
            }
        }

        Assert.That(end, Is.EqualTo("""{"status":"succeeded"}"""));
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, numbers.Count).Select(i => (long)i)));
        Assert.That(texts.Where(t => t.StartsWith("line ", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(1, 40).Select(i => $"line {i}")));
    }

    [Test]
    public async Task Log_OfTwoHundredThousandLinesAtFullSpeed_IsWholeAndMemoryIsBounded()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "flood");
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long expected = 1, flood = 0, peak = 0;
        var end = "";
        string? last = null;
        for (var connection = 0; end.Length == 0; connection++)
        {
            var blocks = 0;
            await foreach (var one in EventStreamReader.ReadAsync(Client, $"{job}/log", last))
            {
                if (one.Name == "end")
                {
                    end = one.Data;
                    break;
                }

                foreach (var line in JsonNode.Parse(one.Data)!.AsArray())
                {
                    Assert.That((long)line!["number"]!, Is.EqualTo(expected++));
                    if (((string)line["text"]!).StartsWith("line ", StringComparison.Ordinal))
                    {
                        Assert.That((string)line["text"]!, Does.StartWith($"line {++flood} of"));
                    }
                }

                last = one.Id;
                if (++blocks % 20 == 0)
                {
                    peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
                    if (connection < 10)
                    {
                        break;
                    }
                }
            }
        }

        Assert.That(end, Is.EqualTo("""{"status":"succeeded"}"""));
        Assert.That(flood, Is.EqualTo(200_000));

        // 20 MB of lines went through; what is held at any time is some blocks of 64 KiB, here and in the reader.
        Assert.That(peak, Is.LessThan(16L * 1024 * 1024));
        var text = await Client.GetAsync($"{job}/log?after=100000&limit=3");
        Assert.That(text.Body!["items"]!.AsArray().Select(l => (long)l!["number"]!), Is.EqualTo(new[] { 100_001L, 100_002, 100_003 }));
    }

    [Test]
    public async Task Log_AsPlainText_FollowsToTheEnd()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        var text = await Client.GetAsync($"{job}/log?follow=true", ("Accept", "text/plain"));
        Assert.That(text.ContentType, Is.EqualTo("text/plain"));
        Assert.That(text.Headers.GetValues("X-Accel-Buffering"), Is.EqualTo(new[] { "no" }), "a proxy must not gather it");
        Assert.That(text.Text.Split('\n').Where(l => l.StartsWith("line ", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(1, 40).Select(i => $"line {i}")));
    }

    [Test]
    public async Task Cancel_WhileItRuns_EndsTheProcessesToo()
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "hang", ""","name":"cancelled" """);
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        var childFile = await WaitForFileAsync(".*cancelled*.child");
        var child = int.Parse(await File.ReadAllTextAsync(childFile));
        var asked = await Client.PostAsync($"{job}/cancel");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted));
        var ended = await Client.WaitForJobAsync(job, 10);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("cancelled", "cancelled")));
        Assert.That(File.Exists($"/proc/{child}/cmdline") && (await File.ReadAllTextAsync($"/proc/{child}/cmdline")).Contains("sleep", StringComparison.Ordinal), Is.False, "the CLI's child still runs");
        var after = (await Client.GetAsync(container)).Body!;
        Assert.That(((string)after["status"]!, (string)after["status_reason"]!), Is.EqualTo(("error", "Cancelled while it ran. Delete it, or retry the job.")));
        Assert.That((await Client.PostAsync($"{job}/cancel")).Code, Is.EqualTo("job_ended"));
    }

    [Test]
    public async Task Delete_OfWhatIsStillBeingMade_OvertakesIt()
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "hang");
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        var deletion = await Client.DeleteAsync(container);
        Assert.That((string)(await Client.WaitForJobAsync(deletion.Location!, 15))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)(await Client.GetAsync(job)).Body!["status"]!, Is.EqualTo("cancelled"));
        Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("deleted"));
    }

    [TestCase("quick", "succeeded", null, 1)]
    [TestCase("flaky", "succeeded", null, 3)]
    [TestCase("half", "succeeded", null, 3)]
    [TestCase("full", "failed", "capacity", 1)]
    [TestCase("conflict", "failed", "conflict", 1)]
    [TestCase("secretive", "failed", "plugin_unauthenticated", 1)]
    [TestCase("huge", "failed", "unknown", 1)]
    [TestCase("unheard-of", "failed", "invalid_request", 1)]
    [TestCase("garbled", "failed", "unknown", 1)]
    [TestCase("longid", "failed", "unavailable", 5)]
    [TestCase("option", "failed", "unavailable", 5)]
    [TestCase("nulid", "failed", "unavailable", 5)]
    [TestCase("halfpair", "failed", "unavailable", 5)]
    [TestCase("twice", "succeeded", null, 1)]
    [TestCase("oddaddress", "succeeded", null, 1)]
    public async Task CliThat(string template, string status, string? code, int attempts)
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), template);
        var ended = await Client.WaitForJobAsync(job);
        Assert.That(((string)ended["status"]!, (string?)ended["error"]?["code"], (int)ended["attempt"]!), Is.EqualTo((status, code, attempts)), ended.ToJsonString());
        var after = (await Client.GetAsync(container)).Body!;
        Assert.That((string)after["status"]!, Is.EqualTo(status == "succeeded" ? "running" : "error"));
        if (status == "failed")
        {
            Assert.That((string)after["status_reason"]!, Is.EqualTo((string)ended["error"]!["message"]!));
        }
    }

    [Test]
    public async Task CliThatHangs_IsKilledAtItsTimeAndTriedAgain()
    {
        using var own = new TestFolder();
        await using var impatient = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_ENABLED"] = "true",
            ["PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(own.Path, "cli", Cli),
            ["PLUGINS_PROXMOX_CREATE_TIMEOUT_SECONDS"] = "0.4",
        });
        var (container, job) = await impatient.Client.CreateContainerAsync(await impatient.Client.CreateProjectAsync(), "hang");
        var ended = await impatient.Client.WaitForJobAsync(job);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!, (int)ended["attempt"]!), Is.EqualTo(("failed", "unavailable", 5)), ended.ToJsonString());
        Assert.That((string)(await impatient.Client.GetAsync(container)).Body!["status_reason"]!, Does.Contain("did not end within"));
        Assert.That((await impatient.Client.GetAsync("/api/v1/projects")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task CliThatGoesMissing_FailsTheJobInWords_AndARetryByHandMakesIt()
    {
        using var own = new TestFolder();
        var cli = ScriptedCli.Write(own.Path, "cli", Cli);
        await using var other = await TestServer.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["PLUGINS_PROXMOX_ENABLED"] = "true", ["PLUGINS_PROXMOX_CLI_PATH"] = cli });
        File.Move(cli, cli + ".away");
        var (container, job) = await other.Client.CreateContainerAsync(await other.Client.CreateProjectAsync(), "quick");
        var failed = await other.Client.WaitForJobAsync(job);
        Assert.That(((string)failed["status"]!, (string)failed["error"]!["message"]!), Is.EqualTo(("failed", $"The program {cli} is missing or may not be run.")));
        File.Move(cli + ".away", cli);
        Assert.That((await other.Client.PostAsync($"{job}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await other.Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)(await other.Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("running"));
        Assert.That((await other.Client.PostAsync($"{job}/retry")).Code, Is.EqualTo("job_not_retryable"));
    }

    [Test]
    public async Task ContainerOnADeadServer_CanBeForgotten_ByItsNameTypedOnceMore()
    {
        var project = await Client.CreateProjectAsync();
        var (container, job) = await Client.CreateContainerAsync(project, "quick");
        await Client.WaitForJobAsync(job);
        var made = (await Client.GetAsync(container)).Body!;
        Task<Answer> Forget(string name) => Client.PostAsync($"{container}/forget", $$"""{"name":"{{name}}"}""");
        Assert.That((await Forget((string)made["name"]!)).Code, Is.EqualTo("not_forgettable"), "what runs is deleted in order");

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "made", $".{made["external_id"]}.dead"), "");
        Assert.That((string)(await Client.WaitForJobAsync((await Client.DeleteAsync(container)).Location!))["status"]!, Is.EqualTo("failed"));
        var stuck = (await Client.GetAsync(container)).Body!;
        Assert.That(((string)stuck["status"]!, (string)stuck["status_reason"]!), Is.EqualTo(("error", "the node is no more")));
        Assert.That(stuck["actions"]!.AsArray().Select(a => (string)a!), Does.Contain("forget"));

        var mistyped = await Forget("another");
        Assert.That((mistyped.Status, mistyped.Body!["errors"]!["name"] is not null), Is.EqualTo((HttpStatusCode.BadRequest, true)), mistyped.ToString());
        var forgotten = await Forget((string)made["name"]!);
        Assert.That((forgotten.Status, (string)forgotten.Body!["status"]!), Is.EqualTo((HttpStatusCode.OK, "deleted")), forgotten.ToString());
        Assert.That((string)forgotten.Body!["status_reason"]!, Does.Contain((string)made["external_name"]!));
        Assert.That((await Forget((string)made["name"]!)).Code, Is.EqualTo("not_forgettable"));
        Assert.That(await server.ScalarAsync<long>($"select count(*) from events where action = 'container.forgotten' and target_id = '{made["id"]}'"), Is.EqualTo(1));
        Assert.That((await Client.DeleteAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.NoContent), "nothing of it stands in the project's way");
    }

    [Test]
    public async Task Reconciler_OneThatCannotBeLookedAt_DoesNotHideThoseBehindIt()
    {
        var project = await Client.CreateProjectAsync();
        var made = new List<(string Path, string Name)>();
        for (var i = 0; i < 2; i++)
        {
            var (container, job) = await Client.CreateContainerAsync(project, "quick");
            await Client.WaitForJobAsync(job);
            made.Add((container, (string)(await Client.GetAsync(container)).Body!["external_id"]!));
        }

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "made", $".{made[0].Name}.mute"), "");
        File.Delete(Path.Combine(folder.Path, "made", made[1].Name));
        await Client.WaitAsync(made[1].Path, "status", TimeSpan.FromSeconds(10), "missing");
        Assert.That((string)(await Client.GetAsync(made[0].Path)).Body!["status"]!, Is.EqualTo("running"), "not knowing is no drift");
    }

    [Test]
    public async Task List_FiltersByProjectStatusAndKind()
    {
        var project = await Client.CreateProjectAsync();
        var (_, fine) = await Client.CreateContainerAsync(project, "quick");
        var (_, broken) = await Client.CreateContainerAsync(project, "full");
        await Client.WaitForJobAsync(fine);
        await Client.WaitForJobAsync(broken);
        var all = (await Client.GetAsync($"/api/v1/jobs?project_id={project}&include_total=true")).Body!;
        Assert.That((all["items"]!.AsArray().Count, (long)all["total"]!), Is.EqualTo((2, 2L)));
        var failed = (await Client.GetAsync($"/api/v1/jobs?project_id={project}&status=failed&kind=resource.provision")).Body!["items"]!.AsArray();
        Assert.That(failed.Select(j => $"/api/v1/jobs/{j!["id"]}"), Is.EqualTo(new[] { broken }));
        Assert.That((await Client.GetAsync($"/api/v1/jobs/{Guid.NewGuid()}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private async Task<string> WaitForFileAsync(string pattern)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (Directory.GetFiles(Directory.CreateDirectory(Path.Combine(folder.Path, "made")).FullName, pattern) is [var file, ..] && new FileInfo(file).Length > 0)
            {
                return file;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"No file {pattern} came.");
    }
}
