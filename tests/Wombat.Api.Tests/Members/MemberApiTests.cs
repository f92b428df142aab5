using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Members;

public sealed class MemberApiTests
{
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task CreateProject_ByAUser_MakesTheCreatorItsManager()
    {
        var (ann, annId) = await Admin.CreateMemberAsync();
        var project = await ann.CreateProjectAsync();
        var members = $"/api/v1/projects/{project}/members";
        Assert.That((string)(await ann.GetAsync(members)).Body!["items"]![0]!["role"]!, Is.EqualTo("project_manager"));
        Assert.That((await ann.DeleteAsync($"{members}/{annId}")).Code, Is.EqualTo("last_manager"));
        Assert.That((await ann.PutAsync($"{members}/{annId}", """{"role":"viewer"}""")).Code, Is.EqualTo("last_manager"));
        var bob = await Admin.CreateUserAsync();
        Assert.That(
            (await ann.PostAsync(members, $$"""{"user_id":"{{bob}}","role":"viewer"}""")).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        Assert.That((await ann.PostAsync(members, $$"""{"user_id":"{{bob}}","role":"viewer"}""")).Code, Is.EqualTo("member_exists"));
        Assert.That((await ann.PutAsync($"{members}/{bob}", """{"role":"project_manager"}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ann.DeleteAsync($"{members}/{annId}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await ann.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.NotFound), "a stranger now");
    }

    [Test]
    public async Task Remove_WhenTwoManagersRemoveEachOther_LeavesOne()
    {
        for (var round = 0; round < 5; round++)
        {
            var project = await Admin.CreateProjectAsync();
            var (ann, annId) = await Admin.CreateMemberAsync(project, "project_manager");
            var (bob, bobId) = await Admin.CreateMemberAsync(project, "project_manager");
            var answers = await Task.WhenAll(
                ann.DeleteAsync($"/api/v1/projects/{project}/members/{bobId}"),
                bob.DeleteAsync($"/api/v1/projects/{project}/members/{annId}")
            );
            Assert.That(
                answers.Count(a => a.Status == HttpStatusCode.NoContent),
                Is.EqualTo(1),
                string.Join(" | ", answers.Select(a => a.ToString()))
            );
            Assert.That(await server.ScalarAsync<long>($"select count(*) from members where project_id = '{project}'"), Is.EqualTo(1));
        }
    }

    [TestCase("""{"role":"viewer"}""", "user_id")]
    [TestCase("""{"user_id":"01a1fe0b-58a7-746d-81da-a44f70b76905"}""", "role")]
    [TestCase("""{"user_id":"01a1fe0b-58a7-746d-81da-a44f70b76905","role":"viewer"}""", "user_id")]
    [TestCase("""{"user_id":"01a1fe0b-58a7-746d-81da-a44f70b76905","role":"owner"}""", "role")]
    public async Task Add_WhenBodyIsInvalid_NamesTheField(string body, string field)
    {
        var answer = await Admin.PostAsync($"/api/v1/projects/{await Admin.CreateProjectAsync()}/members", body);
        Assert.That((answer.Status, answer.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), answer.ToString());
    }

    [TestCase("private", HttpStatusCode.NotFound)]
    [TestCase("internal", HttpStatusCode.OK)]
    [TestCase("public", HttpStatusCode.OK)]
    public async Task Project_WhenCallerIsNoMember_IsReadableByVisibilityOnly(string visibility, HttpStatusCode read)
    {
        var (stranger, _) = await Admin.CreateMemberAsync();
        var project = await Admin.CreateProjectAsync();
        await Admin.PatchAsync($"/api/v1/projects/{project}", $$"""{"visibility":"{{visibility}}"}""");
        var answer = await stranger.GetAsync($"/api/v1/projects/{project}");
        Assert.That(answer.Status, Is.EqualTo(read));
        Assert.That((await stranger.GetAsync($"/api/v1/projects/{project}/containers")).Status, Is.EqualTo(read));
        var change = await stranger.PatchAsync($"/api/v1/projects/{project}", """{"name":"Mine now"}""");
        Assert.That(change.Status, Is.EqualTo(read == HttpStatusCode.OK ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound));
        Assert.That(change.Text, read == HttpStatusCode.OK ? Does.Contain("project_update") : Does.Not.Contain("project_update"));
        var listed = (await stranger.GetAsync("/api/v1/projects?limit=200")).Body!["items"]!
            .AsArray()
            .Any(p => (string)p!["id"]! == project);
        Assert.That(listed, Is.EqualTo(read == HttpStatusCode.OK));
        if (read == HttpStatusCode.OK)
        {
            Assert.That(answer.Body!["actions"]!.AsArray(), Is.Empty);
        }
    }

    [Test]
    public async Task Actions_ForEachRole_AreWhatItAllowsInThisState()
    {
        var project = await Admin.CreateProjectAsync();
        var path = $"/api/v1/projects/{project}";
        var (viewer, _) = await Admin.CreateMemberAsync(project, "viewer");
        var (developer, _) = await Admin.CreateMemberAsync(project, "developer");
        var (manager, _) = await Admin.CreateMemberAsync(project, "project_manager");
        Assert.Multiple(async () =>
        {
            Assert.That(Actions(await viewer.GetAsync(path)), Is.EqualTo(new[] { "read_events", "read_budget" }));
            Assert.That(
                Actions(await developer.GetAsync(path)),
                Is.EqualTo(new[] { "create_container", "create_database", "read_events", "read_budget" })
            );
            Assert.That(
                Actions(await manager.GetAsync(path)),
                Is.EqualTo(
                    new[]
                    {
                        "update",
                        "delete",
                        "create_container",
                        "create_database",
                        "manage_members",
                        "manage_tokens",
                        "read_events",
                        "read_budget",
                    }
                )
            );
            Assert.That(Actions(await Admin.GetAsync(path)), Has.Length.EqualTo(9));
        });
        await manager.PatchAsync(path, """{"active":false}""");
        Assert.That(
            Actions(await developer.GetAsync(path)),
            Is.EqualTo(new[] { "read_events", "read_budget" }),
            "an inactive project takes no containers"
        );
    }

    [Test]
    public async Task List_ForAnyOrder_ReturnsExactlyTheVisibleProjects()
    {
        var (user, id) = await Admin.CreateMemberAsync();
        var mine = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            var project = await Admin.CreateProjectAsync();
            if (i % 3 == 0)
            {
                await Admin.PatchAsync($"/api/v1/projects/{project}", """{"visibility":"internal"}""");
            }

            if (i % 3 != 1)
            {
                await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{id}}","role":"viewer"}""");
            }

            if (i % 3 != 1 || i % 3 == 0)
            {
                mine.Add(project);
            }
        }

        foreach (var sort in new[] { "-created_at", "created_at", "name", "-updated_at" })
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = (
                    await user.GetAsync($"/api/v1/projects?limit=2&sort={sort}" + (cursor is null ? "" : $"&cursor={cursor}"))
                ).Body!;
                seen.AddRange(page["items"]!.AsArray().Select(p => (string)p!["id"]!));
                cursor = (string?)page["next_cursor"];
            } while (cursor is not null);
            Assert.That(seen, Is.Unique);
            Assert.That(mine, Is.SubsetOf(seen), sort);
            var visible = await server.ScalarAsync<long>(
                "select count(*) from projects p where deleted_at is null and (visibility <> 'private' or exists (select 1 "
                    + $"from members m where m.project_id = p.id and m.user_id = '{id}'))"
            );
            Assert.That(seen, Has.Count.EqualTo((int)visible), sort);
        }
    }

    [Test]
    public async Task Events_OfAProject_AreVisibleToItsMembersOnly()
    {
        var project = await Admin.CreateProjectAsync();
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"visibility":"internal"}""");
        var (stranger, _) = await Admin.CreateMemberAsync();
        var (viewer, _) = await Admin.CreateMemberAsync(project, "viewer");
        var (developer, _) = await Admin.CreateMemberAsync(project, "developer");
        var (manager, _) = await Admin.CreateMemberAsync(project, "project_manager");
        await Admin.CreateProjectAsync();
        Assert.That(
            (await stranger.GetAsync($"/api/v1/events?project_id={project}")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden),
            "a user who sees the project does not see its events"
        );
        Assert.That(
            (await stranger.PatchAsync($"/api/v1/projects/{project}", """{"name":"Mine now"}""")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        Assert.That((await stranger.GetAsync("/api/v1/events")).Body!["items"]!.AsArray(), Is.Empty);
        await Admin.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["read"]}""");
        var seen = (
            await Eventually.GetAsync(
                () => manager.GetAsync("/api/v1/events?limit=200"),
                a => a.Body!["items"]!.AsArray().Count >= 7,
                "the manager sees all events"
            )
        ).Body!["items"]!.AsArray();

        Assert.That(seen.Select(e => (string?)e!["project_id"]), Is.All.EqualTo(project));
        Assert.That(seen.Select(e => (string?)e!["action"]), Does.Contain("request.refused").And.Contain("member.added"));
        Assert.That(seen.Select(e => (string?)e!["address"]), Is.All.EqualTo("127.0.0.1"));
        foreach (var member in new[] { viewer, developer })
        {
            var shown = (await member.GetAsync("/api/v1/events?limit=200")).Body!["items"]!.AsArray();
            Assert.That(shown.Select(e => (string)e!["id"]!), Is.EqualTo(seen.Select(e => (string)e!["id"]!)));
            Assert.That(shown.Select(e => (string?)e!["address"]), Is.All.Null);
            Assert.That(shown.Count(e => (string)e!["action"]! is "request.refused" or "token.created"), Is.GreaterThanOrEqualTo(2));
            Assert.That(
                shown.Select(e =>
                    (string)e!["action"]! is "member.added" or "project.created" or "project.updated" == e["after"] is not null
                ),
                Is.All.True
            );
        }
    }

    private static string[] Actions(Answer answer) => [.. answer.Body!["actions"]!.AsArray().Select(a => (string)a!)];
}
