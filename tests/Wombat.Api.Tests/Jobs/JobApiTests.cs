using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Jobs and their logs.</summary>
[NonParallelizable]
public sealed class JobApiTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(new Dictionary<string, string> { ["JOBS_CONCURRENCY"] = "8" }, cli: ScriptedCli.Fickle);

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task LogStream_WhenResumedTenTimes_DeliversEachLineOnceInOrder()
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
        Assert.That(
            texts.Where(t => t.StartsWith("line ", StringComparison.Ordinal)),
            Is.EqualTo(Enumerable.Range(1, 40).Select(i => $"line {i}"))
        );
    }

    [Test]
    [Category("Slow")]
    public async Task LogStream_Of200000Lines_IsCompleteInBoundedMemory()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "flood");
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long expected = 1,
            flood = 0,
            peak = 0;
        var (end, begun) = ("", "");
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
                    begun += (string)line["text"]!;
                    if (line["partial"] is not null)
                    {
                        continue;
                    }

                    if (begun.StartsWith("line ", StringComparison.Ordinal))
                    {
                        Assert.That(begun, Does.StartWith($"line {++flood} of"));
                    }

                    begun = "";
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

        // Of 20 MB, only a few blocks of 64 KiB are in memory at any time, in the server and in the reader.
        Assert.That(peak, Is.LessThan(16L * 1024 * 1024));
        var text = await Client.GetAsync($"{job}/log?after=100000&limit=3");
        Assert.That(text.Body!["items"]!.AsArray().Select(l => (long)l!["number"]!), Is.EqualTo(new[] { 100_001L, 100_002, 100_003 }));
    }

    [Test]
    public async Task Log_AsPlainText_IsFollowedToItsEnd()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        var text = await Client.GetAsync($"{job}/log?follow=true", ("Accept", "text/plain"));
        Assert.That(text.ContentType, Is.EqualTo("text/plain"));
        Assert.That(text.Headers.GetValues("X-Accel-Buffering"), Is.EqualTo(new[] { "no" }), "proxies must not buffer the log");
        Assert.That(
            text.Text.Split('\n').Where(l => l.StartsWith("line ", StringComparison.Ordinal)),
            Is.EqualTo(Enumerable.Range(1, 40).Select(i => $"line {i}"))
        );
    }

    [Test]
    public async Task Log_ByTailAndBefore_IsReadBackwards()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        await Client.WaitForJobAsync(job);
        var last = (long)(await Client.GetAsync(job)).Body!["last_log_number"]!;
        var numbers = Enumerable.Range(1, (int)last).Select(i => (long)i).ToList();
        var page = (await Client.GetAsync($"{job}/log?tail=7")).Body!;
        Assert.That((NumbersOf(page), (long)page["last_number"]!, (bool)page["ended"]!), Is.EqualTo((numbers[^7..], last, true)));
        Assert.That((long?)page["next_after"], Is.Null);
        var read = new List<long>();
        for (var before = (long?)last + 1; before is not null; before = (long?)page["previous_before"])
        {
            page = (await Client.GetAsync($"{job}/log?before={before}&limit=10")).Body!;
            read.InsertRange(0, NumbersOf(page));
        }

        Assert.That(read, Is.EqualTo(numbers));
        var text = (await Client.GetAsync($"{job}/log?tail=2", ("Accept", "text/plain"))).Text;
        Assert.That(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2));
        Assert.That((await Client.GetAsync($"{job}/log?tail=2&after=1")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static List<long> NumbersOf(JsonNode page) => [.. page["items"]!.AsArray().Select(l => (long)l!["number"]!)];

    [Test]
    public async Task Cancel_WhileRunning_EndsTheProcesses()
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "hang", ""","name":"cancelled" """);
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        var childFile = await WaitForFileAsync(".*cancelled*.child");
        var child = int.Parse(await File.ReadAllTextAsync(childFile));
        var asked = await Client.PostAsync($"{job}/cancel");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted));
        var ended = await Client.WaitForJobAsync(job, 10);
        Assert.That(((string)ended["status"]!, (string)ended["error"]!["code"]!), Is.EqualTo(("cancelled", "cancelled")));
        Assert.That(
            File.Exists($"/proc/{child}/cmdline")
                && (await File.ReadAllTextAsync($"/proc/{child}/cmdline")).Contains("sleep", StringComparison.Ordinal),
            Is.False,
            "the CLI's child still runs"
        );
        var after = (await Client.GetAsync(container)).Body!;
        Assert.That(
            ((string)after["status"]!, (string)after["status_reason"]!),
            Is.EqualTo(("error", "Cancelled while running. Delete it, or retry the job."))
        );
        Assert.That((await Client.PostAsync($"{job}/cancel")).Code, Is.EqualTo("job_ended"));
    }

    [Test]
    public async Task Delete_WhileProvisioning_CancelsTheProvisioning()
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "hang");
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        var deletion = await Client.DeleteAsync(container);
        Assert.That((string)(await Client.WaitForJobAsync(deletion.Location!, 15))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((string)(await Client.GetAsync(job)).Body!["status"]!, Is.EqualTo("cancelled"));
        Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("deleted"));
    }

    [Test]
    public async Task List_WithFilters_ReturnsTheMatchingJobs()
    {
        var project = await Client.CreateProjectAsync();
        var (_, fine) = await Client.CreateContainerAsync(project, "quick");
        var (_, broken) = await Client.CreateContainerAsync(project, "full");
        await Client.WaitForJobAsync(fine);
        await Client.WaitForJobAsync(broken);
        var all = (await Client.GetAsync($"/api/v1/jobs?project_id={project}&include_total=true")).Body!;
        Assert.That((all["items"]!.AsArray().Count, (long)all["total"]!), Is.EqualTo((2, 2L)));
        var failed = (await Client.GetAsync($"/api/v1/jobs?project_id={project}&status=failed&kind=resource.provision")).Body![
            "items"
        ]!.AsArray();
        Assert.That(failed.Select(j => $"/api/v1/jobs/{j!["id"]}"), Is.EqualTo(new[] { broken }));
        Assert.That((await Client.GetAsync($"/api/v1/jobs/{Guid.NewGuid()}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private async Task<string> WaitForFileAsync(string pattern)
    {
        var folder = Directory.CreateDirectory(Path.Combine(server.DataDirectory, "made")).FullName;
        await Eventually.UntilAsync(() => Directory.GetFiles(folder, pattern).Any(f => new FileInfo(f).Length > 0), pattern);
        return Directory.GetFiles(folder, pattern)[0];
    }
}
