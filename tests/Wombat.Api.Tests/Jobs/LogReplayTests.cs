using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>The log of an ended job as it was written.</summary>
public sealed class LogReplayTests
{
    private TestServer server = null!;
    private string log = null!;

    // The second line 600 ms after the first, on stderr; the last two together 300 ms later.
    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync();
        var job = (await server.Client.DeleteAsync($"/api/v1/projects/{await server.Client.CreateProjectAsync()}?cascade=true")).Location!;
        await server.Client.WaitForJobAsync(job);
        var id = job.Split('/')[^1];
        log = $"{job}/log";
        await server.ExecuteAsync(
            $"""
            delete from job_log_blocks where job_id = '{id}';
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
            values ('{id}', 4, 4, '2026-01-01', E'one\ntwo\nthree\nfour\n', '\x0101000102d8040201ac02')
            """
        );
    }

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Replay_WithASpeed_SendsLinesInTheirTime()
    {
        var found = await ReplayAsync($"{log}?speed=2");
        Assert.That(found.Select(f => f.Lines), Is.EqualTo(new[] { "1 stdout one", "2 stderr two", "3 stdout three, 4 stdout four" }));
        Assert.That(found[1].At - found[0].At, Is.GreaterThan(TimeSpan.FromMilliseconds(250)));
        Assert.That(found[2].At - found[1].At, Is.GreaterThan(TimeSpan.FromMilliseconds(120)));
    }

    [Test]
    public async Task Replay_WithALongestPause_WaitsNoLonger()
    {
        var found = await ReplayAsync($"{log}?speed=0.1&max_pause=0.1");
        Assert.That(found[2].At - found[1].At, Is.InRange(TimeSpan.FromMilliseconds(80), TimeSpan.FromSeconds(2)));
    }

    [Test]
    public async Task Replay_AfterALine_SendsTheRestAtOnce()
    {
        var found = await ReplayAsync($"{log}?speed=1&after=2");
        Assert.That(found.Select(f => f.Lines), Is.EqualTo(new[] { "3 stdout three, 4 stdout four" }));
        Assert.That(found[0].At, Is.LessThan(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public async Task Replay_AsText_EndsWithTheOutcome()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{log}?speed=100");
        request.Headers.Accept.ParseAdd("text/plain");
        using var answer = await server.Client.Http.SendAsync(request);
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("one\ntwo\nthree\nfour\nwombat: job succeeded\n"));
    }

    [TestCase("speed=0", "speed")]
    [TestCase("speed=1001", "speed")]
    [TestCase("speed=NaN", "speed")]
    [TestCase("speed=fast", "speed")]
    [TestCase("speed=1&max_pause=-1", "max_pause")]
    [TestCase("max_pause=1", "max_pause")]
    [TestCase("speed=1&limit=10", "limit")]
    public async Task Replay_WithInvalidInput_NamesTheField(string query, string field)
    {
        var answer = await server.Client.GetAsync($"{log}?{query}");
        Assert.That((answer.Status, answer.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { field })), answer.Text);
    }

    private async Task<List<(TimeSpan At, string Lines)>> ReplayAsync(string path)
    {
        var found = new List<(TimeSpan At, string Lines)>();
        var watch = Stopwatch.StartNew();
        await foreach (var one in EventStreamReader.ReadAsync(server.Client, path))
        {
            if (one.Name == "end")
            {
                break;
            }

            var lines = JsonNode.Parse(one.Data)!.AsArray();
            found.Add((watch.Elapsed, string.Join(", ", lines.Select(l => $"{l!["number"]} {l["stream"]} {l["text"]}"))));
        }

        return found;
    }
}
