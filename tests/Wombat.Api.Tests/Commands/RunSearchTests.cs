using System.Net;
using System.Text.Json.Nodes;

namespace Wombat.Api.Tests.Commands;

/// <summary>Search in the logs of all runs.</summary>
public sealed class RunSearchTests : CommandTestBase
{
    private string printing = "";

    [OneTimeSetUp]
    public async Task Run()
    {
        printing = await CreateLocalAsync(["printf", "%b", "{{TEXT}}"], ""","parameters":[{"name":"TEXT","pattern":".*"}]""");
    }

    [TestCase("q=SECOND+needle", "second needle")]
    [TestCase("q=second+needle&case_sensitive=true", "second needle")]
    [TestCase("q=SECOND+needle&case_sensitive=true")]
    [TestCase("q=100%25+_done%5C", "100% _done\\")]
    [TestCase("q=100+_done")]
    [TestCase("q=GRÜSSE+aus+köln", "Grüsse aus KÖLN")]
    [TestCase("q=interrupted+by+colours", "interrupted by colours")]
    public async Task Search_OverAllRuns_FindsTheLine(string query, params string[] lines)
    {
        await PrintedAsync("first line\\nsecond needle\\n100% _done\\\\\\nGrüsse aus KÖLN\\ninter\\033[31mrupted\\033[0m by colours\\n");
        var page = await SearchAsync($"{query}&limit=1");
        var found = page["items"]!.AsArray().SelectMany(i => i!["lines"]!.AsArray()).Select(l => (string)l!["text"]!);
        Assert.That(found, Is.EqualTo(lines), page.ToJsonString());
    }

    [Test]
    public async Task Search_WithPages_FindsEachRunOnceTheNewestFirst()
    {
        var runs = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            runs.Insert(0, await PrintedAsync($"paged{i}\\npaged a\\npaged b\\npaged c\\n"));
        }

        var (found, cursor) = (new List<JsonNode>(), "");
        do
        {
            var page = await SearchAsync($"q=paged&limit=2{cursor}");
            found.AddRange(page["items"]!.AsArray().Select(i => i!));
            cursor = (string?)page["next_cursor"] is { } next ? $"&cursor={next}" : "";
        } while (cursor.Length > 0);

        Assert.That(found.ConvertAll(f => (string)f["run"]!["id"]!), Is.EqualTo(runs));
        Assert.That(found[0]["lines"]!.AsArray().Select(l => (string)l!["text"]!), Is.EqualTo(new[] { "paged2", "paged a", "paged b" }));
        var rest = await Client.GetAsync($"/api/v1/jobs/{runs[0]}/log/search?q=paged&from={found[0]["next"]}");
        Assert.That(rest.Body!["items"]!.AsArray().Select(l => (string)l!["text"]!), Is.EqualTo(new[] { "paged c" }));
    }

    [Test]
    public async Task Search_WithFiltersAndContext_AnswersOnlyWhatMatchesThem()
    {
        var failing = await CreateLocalAsync(["sh", "-c", "echo before; echo filtered; echo after; exit 3"]);
        var failed = await RunAsync(failing);
        await PrintedAsync("filtered\\n");
        foreach (var filter in new[] { "status=failed", "exit_code=3", $"command_id={failing.Split('/')[^1]}" })
        {
            var item = (await SearchAsync($"q=filtered&context=1&{filter}"))["items"]!.AsArray().Single()!;
            Assert.That((string)item["run"]!["id"]!, Is.EqualTo((string)failed["id"]!), filter);
            var line = item["lines"]![0]!;
            Assert.That(((string)line["before"]![0]!["text"]!, (string)line["after"]![0]!["text"]!), Is.EqualTo(("before", "after")));
        }
    }

    [Test]
    public async Task Search_ByAPerson_SeesOnlyTheRunsOfTheirProjects()
    {
        var run = await PrintedAsync("of this project\\n");
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        var (stranger, _) = await Client.CreateMemberAsync(await Client.CreateProjectAsync(), "project_manager");
        const string path = "/api/v1/runs/search?q=of+this+project";
        Assert.That((string)(await viewer.GetAsync(path)).Body!["items"]![0]!["run"]!["id"]!, Is.EqualTo(run));
        var answer = await stranger.GetAsync(path);
        Assert.That((answer.Status, answer.Body!["items"]!.AsArray().Count), Is.EqualTo((HttpStatusCode.OK, 0)));
        var refused = await stranger.GetAsync($"{path}&project_id={Project}");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.NotFound), refused.ToString());
    }

    [TestCase("", "q")]
    [TestCase("q=", "q")]
    [TestCase("q=a%00b", "q")]
    [TestCase("q=a&context=11", "context")]
    [TestCase("q=a&limit=201", "limit")]
    [TestCase("q=a&cursor=x", "cursor")]
    public async Task Search_WithBadInput_NamesTheField(string query, string field)
    {
        var answer = await Client.GetAsync($"/api/v1/runs/search?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.ToString());
        Assert.That(answer.Body!["errors"]![field], Is.Not.Null, answer.ToString());
    }

    // Returns the id of the run. printf interprets the escapes.
    private async Task<string> PrintedAsync(string text)
    {
        var run = await RunAsync(printing, new JsonObject { ["TEXT"] = text });
        Assert.That((string)run["status"]!, Is.EqualTo("succeeded"), run.ToJsonString());
        return (string)run["id"]!;
    }

    private async Task<JsonNode> SearchAsync(string query)
    {
        var answer = await Client.GetAsync($"/api/v1/runs/search?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
        return answer.Body!;
    }
}
