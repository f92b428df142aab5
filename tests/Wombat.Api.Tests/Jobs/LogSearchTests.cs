using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Search in a job's log.</summary>
public sealed class LogSearchTests
{
    private static readonly string[] Lines =
    [
        "Reading packages",
        "\u001b[31mErr\u001b[0mor in\u001b]0;title\a colours",
        "no 0 errors here, but a failed step",
        "needle one",
        "Grüße aus KÖLN",
        "invalid \U0010ff9b bytes",
        "needle two",
    ];

    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("q=NEEDLE", 4, 7)]
    [TestCase("q=NEEDLE&case_sensitive=true")]
    [TestCase("q=needle&direction=backward", 7, 4)]
    [TestCase("q=needle&from=5", 7)]
    [TestCase("q=needle&from=6&direction=backward", 4)]
    [TestCase("q=needle&from=1&to=4", 4)]
    [TestCase("q=error+in+colours", 2)]
    [TestCase("q=köln", 5)]
    [TestCase("q=invalid+%EF%BF%BD+bytes", 6)]
    [TestCase("q=title")]
    [TestCase("stream=stdout", 1, 3, 5, 7)]
    [TestCase("q=needle&stream=stderr,system", 4)]
    public async Task Search_WithText_FindsLines(string query, params int[] numbers)
    {
        var page = await SearchAsync(await LogAsync(Lines), query);
        Assert.That(Numbers(page), Is.EqualTo(numbers));
        Assert.That(((int)page["count"]!, (int)page["last_number"]!, page["next"]), Is.EqualTo((numbers.Length, 7, (JsonNode?)null)));
    }

    [Test]
    public async Task Search_OfOneLine_TellsWhereTheMatchIs()
    {
        var hit = (await SearchAsync(await LogAsync(Lines), "q=in+colours"))["items"]![0]!;
        Assert.That((string)hit["text"]!, Is.EqualTo("Error in colours"));
        Assert.That(((int)hit["match_start"]!, (string)hit["stream"]!), Is.EqualTo((6, "stderr")));
        Assert.That(DateTimeOffset.Parse((string)hit["at"]!, null), Is.EqualTo(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.That(hit["truncated"], Is.Null);
    }

    [Test]
    public async Task Search_InALongLine_ReturnsThePartAroundTheMatch()
    {
        var job = await LogAsync([new string('x', 9000) + "needle" + new string('y', 7000)]);
        var hit = (await SearchAsync(job, "q=needle"))["items"]![0]!;
        var text = (string)hit["text"]!;
        Assert.That(text, Has.Length.EqualTo(1000));
        Assert.That(text.AsSpan((int)hit["match_start"]!).StartsWith("needle", StringComparison.Ordinal));
        Assert.That((bool)hit["truncated"]!);
    }

    [Test]
    public async Task Search_WithALimit_ContinuesAtNext()
    {
        var job = await LogAsync([.. Enumerable.Range(1, 5000).Select(i => $"line {i}{(i % 100 == 0 ? " needle" : "")}")], linesOfBlock: 7);
        foreach (var (direction, expected) in new[] { ("forward", All()), ("backward", All().Reverse()) })
        {
            var found = new List<int>();
            for (var from = ""; ; )
            {
                var page = await SearchAsync(job, $"q=needle&limit=7&direction={direction}{from}");
                found.AddRange(Numbers(page));
                if (page["next"] is not { } next)
                {
                    break;
                }

                from = $"&from={next}";
            }

            Assert.That(found, Is.EqualTo(expected), direction);
        }

        Assert.That((int)(await SearchAsync(job, "q=needle&limit=0&from=201&to=900"))["count"]!, Is.EqualTo(7));

        static IEnumerable<int> All() => Enumerable.Range(1, 50).Select(i => i * 100);
    }

    [Test]
    public async Task Search_WithContext_ReturnsTheLinesAround()
    {
        var job = await LogAsync([.. Enumerable.Range(1, 20).Select(i => $"line {i}")], linesOfBlock: 3);
        var items = (await SearchAsync(job, "q=line+1&context=2"))["items"]!.AsArray();
        Assert.That(items[0]!["before"]!.AsArray(), Is.Empty);
        Assert.That(NumbersOf(items[1]!["before"]!), Is.EqualTo(new[] { 8, 9 }));
        Assert.That(NumbersOf(items[1]!["after"]!), Is.EqualTo(new[] { 11, 12 }));
        Assert.That((string)items[1]!["after"]![1]!["text"]!, Is.EqualTo("line 12"));
    }

    [Test]
    public async Task Search_PastTheBytesOfOneAnswer_StopsAndContinues()
    {
        var job = await LogAsync(["first"]);
        await server.ExecuteAsync(
            $"""
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
            select '{IdOf(job)}', n, 1, '2026-01-01', case n when 5000 then 'needle' else repeat('z', 16000) end || E'\n', '\x010100'::bytea
            from generate_series(2, 5000) n
            """
        );
        var page = await SearchAsync(job, "q=needle");
        Assert.That((Numbers(page).Count, (int)page["count"]!), Is.EqualTo((0, 0)));
        Assert.That((int)page["next"]!, Is.InRange(3000, 4500));
        Assert.That(Numbers(await SearchAsync(job, $"q=needle&from={page["next"]}")), Is.EqualTo(new[] { 5000 }));
    }

    [Test]
    public async Task FirstError_WithOneOnStderr_PrefersIt()
    {
        var page = await SearchAsync(await LogAsync(Lines), "first_error=true");
        Assert.That((Numbers(page).Single(), (int)page["next"]!), Is.EqualTo((2, 3)));
        Assert.That(Numbers(await SearchAsync(await LogAsync(["fine", "fine", "a failure"]), "first_error=true")), Is.EqualTo(new[] { 3 }));
        Assert.That(Numbers(await SearchAsync(await LogAsync(["0 errors", "unfatal"]), "first_error=true")), Is.Empty);
    }

    [TestCase("", "q")]
    [TestCase("q=", "q")]
    [TestCase("q=a%0Ab", "q")]
    [TestCase("q=a&first_error=true", "q")]
    [TestCase("q=a&limit=1001", "limit")]
    [TestCase("q=a&limit=101&context=1", "limit")]
    [TestCase("q=a&context=11", "context")]
    [TestCase("q=a&from=0", "from")]
    [TestCase("q=a&stream=other", "stream")]
    [TestCase("q=a&direction=up", "direction")]
    [TestCase("first_error=true&direction=backward", "direction")]
    public async Task Search_WithInvalidInput_NamesTheField(string query, string field)
    {
        var answer = await Client.GetAsync($"{await LogAsync(["one"])}/log/search?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
        Assert.That(answer.Body!["errors"]![field], Is.Not.Null, answer.Text);
    }

    private static string IdOf(string job) => job.Split('/')[^1];

    private static List<int> Numbers(JsonNode page) => NumbersOf(page["items"]!);

    private static List<int> NumbersOf(JsonNode lines) => [.. lines.AsArray().Select(i => (int)i!["number"]!)];

    private async Task<JsonNode> SearchAsync(string job, string query)
    {
        var answer = await Client.GetAsync($"{job}/log/search?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return answer.Body!;
    }

    // A finished job with these lines, by turns on stdout and stderr.
    private async Task<string> LogAsync(string[] lines, int linesOfBlock = 4)
    {
        var job = (await Client.DeleteAsync($"/api/v1/projects/{await Client.CreateProjectAsync()}?cascade=true")).Location!;
        await Client.WaitForJobAsync(job);
        await server.ExecuteAsync($"delete from job_log_blocks where job_id = '{IdOf(job)}'");
        var values = new List<string>();
        var number = 0;
        foreach (var part in lines.Chunk(linesOfBlock))
        {
            var heads = string.Concat(part.Select((_, i) => (number + i) % 2 == 0 ? "010100" : "010200"));
            number += part.Length;
            values.Add($"('{IdOf(job)}', {number}, {part.Length}, '2026-01-01', {Quoted(part)}, '\\x{heads}')");
        }

        await server.ExecuteAsync(
            "insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata) values " + string.Join(",", values)
        );
        return job;
    }

    private static string Quoted(string[] lines) =>
        $"'{string.Concat(lines.Select(l => l + "\n")).Replace("'", "''", StringComparison.Ordinal)}'";
}
