using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>The feed says to every caller what changes among the things that the caller may read, and nothing else.</summary>
[NonParallelizable]
public sealed class ChangeFeedTests
{
    private const string Path = "/api/v1/changes";

    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync(cli: "sleep 0.3; echo '{}'");

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Feed_OfAMember_HasTheChangesOfItsProjectAndNothingElse()
    {
        var (mine, other) = (await Admin.CreateProjectAsync(), await Admin.CreateProjectAsync());
        var (member, user) = await Admin.CreateMemberAsync(mine, "viewer");
        await using var feed = await OpenAsync(member);
        await using var all = await OpenAsync(Admin);
        await Admin.PatchAsync($"/api/v1/projects/{other}", """{"name":"Not for the member"}""");
        var stranger = await Admin.CreateUserAsync();
        await Admin.PatchAsync($"/api/v1/users/{user}", """{"full_name":"Ann Example"}""");
        await Admin.PatchAsync($"/api/v1/projects/{mine}", """{"name":"For the member"}""");
        await Admin.PostAsync($"/api/v1/projects/{mine}/tokens", """{"name":"ci","scopes":["read"]}""");
        await Admin.PostAsync($"/api/v1/projects/{mine}/members", $$"""{"user_id":"{{stranger}}","role":"viewer"}""");
        await feed.HasAsync("member", stranger, mine);
        await all.HasAsync("member", stranger, mine);
        await all.HasAsync("project", other, other);
        await all.HasAsync("user", stranger, null);
        Assert.Multiple(() =>
        {
            Assert.That(
                feed.Changes.Select(c => (string)c["type"]!),
                Is.EqualTo(new[] { "user", "project", "member" }),
                "neither the other project, nor the stranger, nor the token, which is for managers"
            );
            Assert.That(feed.Changes.Select(c => (int?)c["version"]), Is.EqualTo(new int?[] { 2, 2, null }));
            Assert.That((string?)feed.Changes.First()["id"], Is.EqualTo(user));
            Assert.That(all.Changes.Any(c => (string?)c["type"] == "token" && (string?)c["project_id"] == mine), Is.True);
        });
    }

    [Test]
    public async Task Feed_WhenMembershipBegins_HasTheProjectFromThenOn()
    {
        var project = await Admin.CreateProjectAsync();
        var (user, id) = await Admin.CreateMemberAsync();
        await using var feed = await OpenAsync(user);
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"name":"Before"}""");
        await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{id}}","role":"developer"}""");
        await feed.HasAsync("member", id, project);
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"name":"After"}""");
        await feed.HasAsync("project", project, project);
        Assert.That(feed.Changes, Has.Count.EqualTo(2), "nothing from before the membership");
    }

    [Test]
    public async Task Feed_WhenMembershipEnds_TellsItAndNothingMore()
    {
        var project = await Admin.CreateProjectAsync();
        var (member, id) = await Admin.CreateMemberAsync(project, "developer");
        await using var feed = await OpenAsync(member);
        await using var all = await OpenAsync(Admin);
        await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{id}");
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"name":"No longer for the member"}""");
        await feed.HasAsync("member", id, project);
        await all.HasAsync("project", project, project);
        await feed.BeatsAsync();
        Assert.That(feed.Changes.Select(c => (string)c["type"]!), Is.EqualTo(new[] { "member" }));
    }

    [Test]
    public async Task Feed_WhenProjectBecomesPrivateOrIsDeleted_TellsThoseWhoCouldSeeIt()
    {
        var project = await Admin.CreateProjectAsync();
        var (stranger, _) = await Admin.CreateMemberAsync();
        var (member, _) = await Admin.CreateMemberAsync(project, "viewer");
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"visibility":"internal"}""");
        await using var feed = await OpenAsync(stranger);
        await using var own = await OpenAsync(member);
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"visibility":"private"}""");
        await feed.HasAsync("project", project, project);
        var job = (await Admin.DeleteAsync($"/api/v1/projects/{project}")).Location!;
        await Admin.WaitForJobAsync(job);
        await own.HasAsync(c => (string?)c["type"] == "project" && c["version"] is null, "the project is gone");
        await feed.BeatsAsync();
        Assert.That(feed.Changes, Has.Count.EqualTo(1), "a private project is deleted unseen");
    }

    [Test]
    public async Task Feed_OfAProjectToken_HasTheChangesOfItsProject()
    {
        var (mine, other) = (await Admin.CreateProjectAsync(), await Admin.CreateProjectAsync());
        var created = await Admin.PostAsync($"/api/v1/projects/{mine}/tokens", """{"name":"ci","scopes":["read"]}""");
        using var token = Admin.With((string)created.Body!["token"]!);
        await using var feed = await OpenAsync(token);
        await Admin.PatchAsync($"/api/v1/projects/{other}", """{"name":"Other"}""");
        await Admin.PatchAsync($"/api/v1/projects/{mine}", """{"name":"Mine"}""");
        await feed.HasAsync("project", mine, mine);
        Assert.That(feed.Changes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Feed_OfAUser_HasItsSessionsAndTokens()
    {
        const string Password = "eleven pale moths";
        var login = $"s-{Guid.NewGuid():N}"[..16];
        var user = await Admin.CreateUserAsync(login, $$""","password":"{{Password}}" """);
        using var client = Admin.With((await Admin.CreateTokenAsync(user)).Secret);
        await using var feed = await OpenAsync(client);
        using var nobody = Admin.With(token: null);
        using var session = nobody.In(await nobody.SignInAsync(login, Password));
        var (_, token) = await Admin.CreateTokenAsync(user);
        await feed.HasAsync("token", token, null);
        var own = (await client.GetAsync($"/api/v1/users/{user}/sessions")).Body!["items"]![0]!["id"];
        await feed.HasAsync("session", (string?)own, null);
    }

    [Test]
    public async Task Feed_WhenJobRuns_TellsEachOfItsStates()
    {
        var project = await Admin.CreateProjectAsync();
        var (member, _) = await Admin.CreateMemberAsync(project, "viewer");
        await using var feed = await OpenAsync(member);
        var (container, job) = await Admin.CreateContainerAsync(project);
        var id = job.Split('/')[^1];
        await feed.HasAsync("job", id, project);
        await feed.HasAsync("container", container.Split('/')[^1], project);
        await Admin.WaitForJobAsync(job);
        var ended = (long)
            (
                await Eventually.GetAsync(
                    () => Admin.GetAsync($"/api/v1/events?target_id={id}"),
                    a => a.Body!["items"]!.AsArray().Count > 0,
                    "the job's end is an event"
                )
            ).Body!["items"]![0]!["position"]!;
        await feed.HasAsync(c => (string?)c["id"] == id && (long)c["position"]! >= ended, "the end of the job");
        Assert.That(feed.Changes.Count(c => (string?)c["id"] == id), Is.GreaterThanOrEqualTo(2), "created or running, and ended");
    }

    [Test]
    public async Task Feed_WhenResumed_HasWhatWasMissedAndTheUnfinishedJobs()
    {
        var project = await Admin.CreateProjectAsync();
        var (member, _) = await Admin.CreateMemberAsync(project, "viewer");
        long from;
        await using (var feed = await OpenAsync(member))
        {
            from = feed.Position;
        }

        await server.ExecuteAsync(
            "insert into jobs (id, kind, queue, arguments, is_repeatable, priority, state, run_at, attempt, max_attempts, "
                + "cancel_requested, project_id, requested_by, created_at) "
                + $"values (gen_random_uuid(), 'test', 'none', '{{}}', true, 0, 'queued', now(), 0, 1, false, '{project}', 'test', now())"
        );

        // More than are read at once.
        for (var i = 0; i < 300; i++)
        {
            await Admin.PatchAsync($"/api/v1/projects/{project}", $$"""{"name":"Renamed {{i}} times"}""");
        }

        var version = (int)(await Admin.GetAsync($"/api/v1/projects/{project}")).Body!["version"]!;

        await using var byHeader = await OpenAsync(member, Path + "?cursor=99999999", from.ToString());
        await using var byCursor = await OpenAsync(member, $"{Path}?cursor={from}");
        foreach (var feed in new[] { byHeader, byCursor })
        {
            Assert.That(feed.Position, Is.EqualTo(from), "the first heartbeat repeats the position");
            await feed.HasAsync(c => (string?)c["type"] == "project" && (int?)c["version"] == version, "the newest version of the project");
            await feed.HasAsync(c => (string?)c["type"] == "job" && (string?)c["project_id"] == project, "the unfinished job");
            Assert.That(feed.Changes.Count(c => (string?)c["type"] == "project"), Is.LessThan(20), "one message for many changes");
            Assert.That(feed.Ids, Is.Ordered);
        }
    }

    [TestCase("999999999", Description = "a position that does not exist, such as one from before a restore")]
    [TestCase("0", Description = "a position whose changes are no longer known")]
    public async Task Feed_WhenPositionCannotBeResumed_Resets(string cursor)
    {
        await Admin.CreateProjectAsync();
        await using var fresh = await TestServer.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await fresh.Client.CreateProjectAsync();
        }

        await Eventually.UntilAsync(
            async () => await fresh.ScalarAsync<long>("select coalesce(max(position), 0) from event_positions") >= 4,
            "the events have positions"
        );
        await fresh.ExecuteAsync("alter table event_positions disable trigger all; delete from event_positions where position < 3");
        await using var feed = await Follower.OpenAsync(fresh.Client, $"{Path}?cursor={cursor}");
        Assert.That(feed.First.Name, Is.EqualTo("reset"));
        Assert.That(feed.Position, Is.EqualTo(4));
        var project = await fresh.Client.CreateProjectAsync();
        await feed.HasAsync("project", project, project);
    }

    [Test]
    public async Task Feed_WhenNothingChanges_BeatsEvery5Seconds()
    {
        await using var feed = await OpenAsync(Admin);
        var from = TimeProvider.System.GetTimestamp();
        await feed.BeatsAsync();
        await feed.BeatsAsync();
        Assert.That(TimeProvider.System.GetElapsedTime(from).TotalSeconds, Is.InRange(8, 13));
    }

    [Test]
    public async Task Feed_OnAnotherReplica_HasTheChange()
    {
        await using var second = await TestServer.StartAsync(share: server);
        await using var feed = await OpenAsync(second.Client);
        var project = await Admin.CreateProjectAsync();
        await feed.HasAsync("project", project, project);
    }

    [Test]
    public async Task Feed_WhenTokenIsRevoked_Ends()
    {
        var user = await Admin.CreateUserAsync();
        var (secret, id) = await Admin.CreateTokenAsync(user);
        using var client = Admin.With(secret);
        await using var feed = await OpenAsync(client);
        await Admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}");
        await Eventually.UntilAsync(() => feed.HasEnded, "the stream has ended", TimeSpan.FromSeconds(3));
    }

    [Test]
    public async Task Feed_WithoutACredential_IsRefused()
    {
        using var nobody = Admin.With(token: null);
        Assert.That((await nobody.GetAsync(Path)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await Admin.GetAsync(Path + "?cursor=soon")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await Admin.GetAsync(Path, ("Last-Event-ID", "-1"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    // What happened before is not part of the stream.
    private async Task<Follower> OpenAsync(WombatClient client, string path = Path, string? lastEventId = null)
    {
        await Eventually.UntilAsync(
            async () =>
                await server.ScalarAsync<long>("select (select count(*) from events) - (select count(*) from event_positions)") == 0,
            "all events have positions"
        );
        return await Follower.OpenAsync(client, path, lastEventId);
    }

    /// <summary>Collects the messages of one stream.</summary>
    private sealed class Follower : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly ConcurrentQueue<StreamEvent> got = new();
        private Task reading = Task.CompletedTask;

        public StreamEvent First => got.First();

        public long Position => (long)JsonNode.Parse(First.Data)!["position"]!;

        public bool HasEnded => reading.IsCompleted;

        public List<JsonNode> Changes => [.. got.Where(e => e.Name == "change").Select(e => JsonNode.Parse(e.Data)!)];

        public List<long> Ids => [.. got.Select(e => long.Parse(e.Id!))];

        public static async Task<Follower> OpenAsync(WombatClient client, string path, string? lastEventId = null)
        {
            var follower = new Follower();
            follower.reading = follower.ReadAsync(client, path, lastEventId);
            await Eventually.UntilAsync(() => !follower.got.IsEmpty || follower.HasEnded, "the stream has begun");
            return follower;
        }

        public Task HasAsync(string type, string? id, string? project) =>
            HasAsync(
                c => ((string?)c["type"], (string?)c["id"], (string?)c["project_id"]) == (type, id, project),
                $"{type} {id} of project {project}"
            );

        public async Task HasAsync(Func<JsonNode, bool> condition, string what)
        {
            try
            {
                await Eventually.UntilAsync(() => Changes.Exists(c => condition(c)), what, TimeSpan.FromSeconds(10));
            }
            catch (TimeoutException e)
            {
                Assert.Fail($"{e.Message} Got: {string.Join('\n', got.Select(g => $"{g.Name} {g.Data}"))}");
            }
        }

        public async Task BeatsAsync()
        {
            var before = got.Count(e => e.Name == "heartbeat");
            await Eventually.UntilAsync(() => got.Count(e => e.Name == "heartbeat") > before, "a heartbeat", TimeSpan.FromSeconds(8));
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await reading;
            stop.Dispose();
        }

        private async Task ReadAsync(WombatClient client, string path, string? lastEventId)
        {
            try
            {
                await foreach (var one in EventStreamReader.ReadAsync(client, path, lastEventId, stop.Token))
                {
                    got.Enqueue(one);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
            {
                // The test has stopped the reader, or the server has closed the connection.
            }
        }
    }
}
