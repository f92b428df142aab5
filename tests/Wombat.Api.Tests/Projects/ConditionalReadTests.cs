using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Projects;

/// <summary>Conditional reads, and reads by name instead of id.</summary>
public sealed class ConditionalReadTests
{
    private const string Projects = "/api/v1/projects";
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync(cli: """echo '{"id":"1","name":"one","status":"running"}'""");

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Get_WhenETagMatches_Is304UntilTheResourceChanges()
    {
        var project = await Client.CreateProjectAsync();
        var (container, job) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        foreach (var path in new[] { $"{Projects}/{project}", container, $"/api/v1/users/{await Client.CreateUserAsync()}" })
        {
            var first = await Client.GetAsync(path);
            var again = await Client.GetAsync(path, ("If-None-Match", first.ETag!));
            Assert.That((again.Status, again.Text, again.ETag), Is.EqualTo((HttpStatusCode.NotModified, "", first.ETag)), path);
            Assert.That(
                (await Client.GetAsync(path, ("If-None-Match", $"\"other\", W/{first.ETag}"))).Status,
                Is.EqualTo(HttpStatusCode.NotModified)
            );
            Assert.That((await Client.GetAsync(path, ("If-None-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.NotModified));
            Assert.That((await Client.GetAsync(path, ("If-None-Match", "\"other\""))).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await Client.GetAsync(path, ("If-None-Match", "rubbish"))).Status, Is.EqualTo(HttpStatusCode.OK));
        }

        var read = await Client.GetAsync($"{Projects}/{project}");
        await Client.PatchAsync($"{Projects}/{project}", """{"description":"changed"}""");
        Assert.That((await Client.GetAsync($"{Projects}/{project}", ("If-None-Match", read.ETag!))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Get_WhenTheCallersRoleChanged_Is200WithTheNewActions()
    {
        var project = await Client.CreateProjectAsync();
        var (member, user) = await Client.CreateMemberAsync(project, "viewer");
        using var caller = member;
        var read = await caller.GetAsync($"{Projects}/{project}");
        await Client.PutAsync($"{Projects}/{project}/members/{user}", """{"role":"project_manager"}""");
        var again = await caller.GetAsync($"{Projects}/{project}", ("If-None-Match", read.ETag!));
        Assert.That(again.Status, Is.EqualTo(HttpStatusCode.OK), "its version is the same, but the caller may do more");
        Assert.That(again.Body!["actions"]!.AsArray(), Has.Count.GreaterThan(read.Body!["actions"]!.AsArray().Count));
    }

    [TestCase("\"1\"")]
    [TestCase("\"1.0123456789ab\"")]
    public async Task Patch_WithIfMatch_ComparesTheVersion(string tag)
    {
        var path = $"{Projects}/{await Client.CreateProjectAsync()}";
        Assert.That(
            (await Client.PatchAsync(path, """{"description":"changed"}""", ("If-Match", tag))).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(
            (await Client.PatchAsync(path, """{"description":"again"}""", ("If-Match", tag))).Status,
            Is.EqualTo(HttpStatusCode.PreconditionFailed)
        );
    }

    [Test]
    public async Task Me_WhenCallerIsAProjectToken_Is404()
    {
        var project = await Client.CreateProjectAsync();
        var (member, user) = await Client.CreateMemberAsync(project, "viewer");
        using var caller = member;
        var own = await caller.GetAsync("/api/v1/users/me");
        Assert.That((own.Status, (string?)own.Body!["id"]), Is.EqualTo((HttpStatusCode.OK, user)), own.ToString());
        Assert.That(
            (await caller.GetAsync("/api/v1/users/me", ("If-None-Match", own.ETag!))).Status,
            Is.EqualTo(HttpStatusCode.NotModified)
        );
        using var ci = Client.With(
            (string)(await Client.PostAsync($"{Projects}/{project}/tokens", """{"name":"ci","scopes":["read"]}""")).Body!["token"]!
        );
        foreach (var nobody in new[] { ci, Client })
        {
            var refused = await nobody.GetAsync("/api/v1/users/me");
            Assert.That(refused.Code, Is.EqualTo("user_not_found"));
            Assert.That((string)refused.Body!["detail"]!, Does.Contain("/api/v1/session"), "the message names the alternative");
        }
    }

    [Test]
    public async Task List_ByExactName_ReturnsTheOneMatch()
    {
        var project = await Client.CreateProjectAsync("look-up");
        await Client.CreateProjectAsync("look-up-more");
        var found = (await Client.GetAsync($"{Projects}?unix_name=look-up")).Body!["items"]!.AsArray();
        Assert.That(found.Select(p => (string)p!["id"]!), Is.EqualTo(new[] { project }));
        Assert.That((await Client.GetAsync($"{Projects}?unix_name=look")).Body!["items"]!.AsArray(), Is.Empty);

        var user = await Client.CreateUserAsync("looked-up");
        await Client.CreateUserAsync("looked-up2");
        Assert.That(
            (await Client.GetAsync("/api/v1/users?login=looked-up")).Body!["items"]!.AsArray().Select(u => (string)u!["id"]!),
            Is.EqualTo(new[] { user })
        );
        Assert.That((await Client.GetAsync("/api/v1/users?login=looked")).Body!["items"]!.AsArray(), Is.Empty);
    }
}
