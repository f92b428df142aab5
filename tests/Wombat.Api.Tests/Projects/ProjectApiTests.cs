using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Projects;

public sealed class ProjectApiTests
{
    private const string Projects = "/api/v1/projects";
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Create_WhenValid_ReturnsTheProjectWithLocationAndETag()
    {
        var answer = await Client.PostAsync(
            Projects,
            """{"name":"Café 東京","unix_name":"create-one","description":"two\nlines","visibility":"internal","tags":["b","a","b"]}"""
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.ToString());
        var id = (string)answer.Body!["id"]!;
        var read = await Client.GetAsync(answer.Location!);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Location, Is.EqualTo($"{Projects}/{id}"));
            Assert.That(answer.ETag, Does.StartWith("\"1."));
            Assert.That(answer.Body["tags"]!.ToJsonString(), Is.EqualTo("""["a","b"]"""));
            Assert.That(read.Text, Is.EqualTo(answer.Text));
            Assert.That((string)answer.Body["created_at"]!, Does.EndWith("Z"));
        });
    }

    [Test]
    public async Task Create_WhenUnixNameIsTaken_IsAConflict()
    {
        await Client.CreateProjectAsync("taken-name");
        var answer = await Client.PostAsync(Projects, """{"name":"Other","unix_name":"taken-name"}""");
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Conflict, "project_exists")));
        Assert.That(answer.ContentType, Is.EqualTo("application/problem+json"));
        Assert.That((string?)answer.Body!["trace_id"], Has.Length.EqualTo(32));
    }

    [Test]
    public async Task Create_When200RequestsRaceForOneName_CreatesOneProject()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => Client.PostAsync(Projects, """{"name":"Racing","unix_name":"racing-name"}"""))
        );
        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Conflict && a.Code == "project_exists"), Is.EqualTo(199));
        });
        Assert.That(await server.ScalarAsync<long>("select count(*) from projects where unix_name = 'racing-name'"), Is.EqualTo(1));
        Assert.That(await server.ScalarAsync<long>("select count(*) from events where after->>'unix_name' = 'racing-name'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Put_OfAChangedRead_IgnoresReadOnlyFields()
    {
        var id = await Client.CreateProjectAsync("get-put");
        var read = await Client.GetAsync($"{Projects}/{id}");
        var body = read.Body!.AsObject();
        body["name"] = "Changed";
        body["tags"] = new JsonArray("x");
        var put = await Client.PutAsync($"{Projects}/{id}", body.ToJsonString(), ("If-Match", read.ETag!));
        Assert.That((put.Status, (string)put.Body!["name"]!), Is.EqualTo((HttpStatusCode.OK, "Changed")), put.ToString());
        Assert.That(put.ETag, Does.StartWith("\"2."));
        var stale = await Client.PutAsync($"{Projects}/{id}", body.ToJsonString(), ("If-Match", read.ETag!));
        Assert.That((stale.Status, stale.Code), Is.EqualTo((HttpStatusCode.PreconditionFailed, "stale_version")));
    }

    [Test]
    public async Task Put_WhenUnixNameDiffers_NamesTheField()
    {
        var id = await Client.CreateProjectAsync("immutable-name");
        var answer = await Client.PutAsync($"{Projects}/{id}", """{"name":"Some","unix_name":"other-name"}""");
        Assert.That((answer.Status, answer.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "unix_name" })));
    }

    [Test]
    public async Task Patch_WithSomeFields_ChangesOnlyThose()
    {
        var made = await Client.PostAsync(
            Projects,
            """{"name":"Patched","unix_name":"patched","description":"d","tags":["t"],"visibility":"public"}"""
        );
        var path = made.Location!;
        var first = await Client.PatchAsync(path, """{"description":"new"}""");
        Assert.That(
            ((string)first.Body!["description"]!, (string)first.Body["visibility"]!, first.Body["tags"]!.ToJsonString()),
            Is.EqualTo(("new", "public", """["t"]"""))
        );
        var second = await Client.PatchAsync(path, """{"description":null,"tags":null,"visibility":null,"active":false}""");
        Assert.That(
            (
                (string)second.Body!["description"]!,
                (string)second.Body["visibility"]!,
                second.Body["tags"]!.ToJsonString(),
                (bool)second.Body["active"]!
            ),
            Is.EqualTo(("", "private", "[]", false))
        );
        var third = await Client.PatchAsync(path, """{"name":null}""");
        Assert.That((third.Status, third.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "name" })));
    }

    [Test]
    public async Task Patch_OfTheRetention_SetsKeepsAndRemovesIt()
    {
        var path = (await Client.PostAsync(Projects, """{"name":"Kept jobs","unix_name":"kept-jobs","job_retention_days":30}""")).Location!;
        await Client.PatchAsync(path, """{"job_logs_max_mib":500}""");
        var kept = await Client.GetAsync(path);
        Assert.That(((int)kept.Body!["job_retention_days"]!, (int)kept.Body["job_logs_max_mib"]!), Is.EqualTo((30, 500)));
        var removed = await Client.PatchAsync(path, """{"job_retention_days":null}""");
        Assert.That((removed.Body!["job_retention_days"], (int)removed.Body["job_logs_max_mib"]!), Is.EqualTo(((JsonNode?)null, 500)));
    }

    [TestCase("0")]
    [TestCase("36501")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("\"soon\"")]
    [TestCase("99999999999")]
    public async Task Patch_WithARetentionThatIsNone_NamesTheField(string value)
    {
        var path = $"{Projects}/{await Client.CreateProjectAsync()}";
        var answer = await Client.PatchAsync(path, $$"""{"job_retention_days":{{value}}}""");
        Assert.That((answer.Status, answer.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "job_retention_days" })));
    }

    [Test]
    public async Task Delete_WhenCompleted_FreesTheUnixName()
    {
        var id = await Client.CreateProjectAsync("reused-name");
        using var ci = Client.With(
            (string)(await Client.PostAsync($"{Projects}/{id}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!["token"]!
        );
        Assert.That((await ci.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        var asked = await Client.DeleteAsync($"{Projects}/{id}");
        Assert.That(
            (asked.Status, asked.Location),
            Is.EqualTo((HttpStatusCode.Accepted, $"/api/v1/jobs/{asked.Body!["job_id"]}")),
            asked.ToString()
        );
        Assert.That((string)(await Client.WaitForJobAsync(asked.Location!))["status"]!, Is.EqualTo("succeeded"));
        Assert.That((await Client.GetAsync($"{Projects}/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Client.DeleteAsync($"{Projects}/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await ci.GetAsync("/api/v1/session")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "a token is revoked with its project"
        );
        Assert.That(await Client.CreateProjectAsync("reused-name"), Is.Not.EqualTo(id));
    }

    [Test]
    public async Task Create_WhenIdempotencyKeyIsRepeated_ReturnsTheSameAnswer()
    {
        const string Body = """{"name":"Once","unix_name":"only-once"}""";
        var key = ("Idempotency-Key", "key-1");
        var parallel = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Client.PostAsync(Projects, Body, key)));
        Assert.That(
            parallel.Select(a => (a.Status, a.Text, a.Location)).Distinct().Count(),
            Is.EqualTo(1),
            string.Join('\n', parallel.Select(p => p.ToString()))
        );
        Assert.That(parallel[0].Status, Is.EqualTo(HttpStatusCode.Created));
        var other = await Client.PostAsync(Projects, """{"name":"Twice","unix_name":"only-twice"}""", key);
        Assert.That((other.Status, other.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "idempotency_key_reused")));
        Assert.That((await Client.PostAsync(Projects, Body, ("Idempotency-Key", "key-2"))).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [TestCase("name")]
    [TestCase("-name")]
    [TestCase("unix_name")]
    [TestCase("-unix_name")]
    [TestCase("created_at")]
    [TestCase("-created_at")]
    [TestCase("updated_at")]
    [TestCase("-updated_at")]
    public async Task List_ByAnySort_ReturnsEachProjectOnce(string sort)
    {
        await using var own = await TestServer.StartAsync();
        for (var i = 0; i < 23; i++)
        {
            await own.Client.PostAsync(
                Projects,
                $$"""{"name":"Same name {{i / 5}}","unix_name":"walk-{{(char)('a' + (i * 7 % 23))}}{{i}}","tags":["t{{i % 2}}"]}"""
            );
        }

        var seen = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await own.Client.GetAsync($"{Projects}?limit=4&sort={sort}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK), page.ToString());
            seen.AddRange(page.Body!["items"]!.AsArray()!);
            cursor = (string?)page.Body["next_cursor"];
        } while (cursor is not null);

        var keys = seen.Select(p => (string)p[sort.TrimStart('-')]!).ToList();
        Assert.That(seen.Select(p => (string)p["id"]!).Distinct().Count(), Is.EqualTo(23));
        Assert.That(
            keys,
            sort.StartsWith('-')
                ? Is.Ordered.Descending.Using<string>(StringComparer.Ordinal)
                : Is.Ordered.Using<string>(StringComparer.Ordinal)
        );
    }

    [Test]
    public async Task List_WithFilters_ReturnsAndCountsTheMatches()
    {
        await Client.PostAsync(Projects, """{"name":"Needle in HAY","unix_name":"filter-a","tags":["only-here"],"visibility":"public"}""");
        await Client.PostAsync(Projects, """{"name":"100% _sure_","unix_name":"filter-b","active":false,"tags":["only-here"]}""");
        async Task<string[]> Names(string query) =>
            [.. (await Client.GetAsync($"{Projects}?{query}")).Body!["items"]!.AsArray().Select(p => (string)p!["unix_name"]!)];
        Assert.That(await Names("q=needle%20IN"), Is.EqualTo(new[] { "filter-a" }));
        Assert.That(await Names("q=%25%20_"), Is.EqualTo(new[] { "filter-b" }));
        Assert.That(await Names("tag=only-here&sort=unix_name"), Is.EqualTo(new[] { "filter-a", "filter-b" }));
        Assert.That(await Names("tag=only-here&visibility=public"), Is.EqualTo(new[] { "filter-a" }));
        Assert.That(await Names("tag=only-here&active=false"), Is.EqualTo(new[] { "filter-b" }));
        Assert.That((long)(await Client.GetAsync($"{Projects}?tag=only-here&limit=1&include_total=true")).Body!["total"]!, Is.EqualTo(2));
    }

    [Test]
    public async Task List_ByTag_FollowsChangesOfTheTags()
    {
        var made = await Client.PostAsync(Projects, """{"name":"Tagged","unix_name":"tag-follow","tags":["one","two"]}""");
        await Client.PatchAsync(made.Location!, """{"tags":["two","three"]}""");
        Assert.That((await Client.GetAsync($"{Projects}?tag=one&q=tag-follow")).Body!["items"]!.AsArray(), Is.Empty);
        Assert.That((await Client.GetAsync($"{Projects}?tag=three&q=tag-follow")).Body!["items"]!.AsArray(), Has.Count.EqualTo(1));
        await Client.WaitForJobAsync((await Client.DeleteAsync(made.Location!)).Location!);
        Assert.That(await server.ScalarAsync<long>($"select count(*) from project_tags where project_id = '{made.Body!["id"]}'"), Is.Zero);
    }
}
