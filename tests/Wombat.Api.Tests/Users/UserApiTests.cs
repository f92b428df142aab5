using System.Net;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Users;

public sealed class UserApiTests
{
    private const string Users = "/api/v1/users";
    private TestServer server = null!;
    private TestFolder folder = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => (server, folder) = (await TestServer.StartAsync(), new TestFolder());

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task User_FromCreateToDeactivate_FollowsTheApiConventions()
    {
        var made = await Admin.PostAsync(
            Users,
            """{"login":"ann.lee","email":"ann@example.org","full_name":"Ann Lee","password":"glass kettle morning 42"}"""
        );
        Assert.That((made.Status, (bool)made.Body!["has_password"]!), Is.EqualTo((HttpStatusCode.Created, true)), made.ToString());
        Assert.That(made.ETag, Does.StartWith("\"1."));
        Assert.That(made.Text, Does.Not.Contain("kettle").And.Not.Contain("password_hash"));
        Assert.That((await Admin.PostAsync(Users, """{"login":"ann.lee"}""")).Code, Is.EqualTo("user_exists"));
        var read = await Admin.GetAsync(made.Location!);
        Assert.That((await Admin.PutAsync(made.Location!, read.Text)).Status, Is.EqualTo(HttpStatusCode.OK), "get, put works");
        Assert.That(
            (await Admin.PatchAsync(made.Location!, """{"full_name":"Ann B. Lee"}""", ("If-Match", "\"1\""))).Status,
            Is.EqualTo(HttpStatusCode.PreconditionFailed)
        );
        var off = await Admin.PatchAsync(made.Location!, """{"active":false}""");
        Assert.That(((bool)off.Body!["active"]!, (string?)off.Body["email"]), Is.EqualTo((false, "ann@example.org")));
        Assert.That((await Admin.GetAsync($"{Users}?q=ANN&active=false")).Body!["items"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That((await Admin.PatchAsync(made.Location!, """{"login":"other"}""")).ErrorFields, Is.EqualTo(new[] { "login" }));
    }

    [TestCase("""{"login":"A"}""", "login")]
    [TestCase("""{"login":"-abc"}""", "login")]
    [TestCase("{\"login\":\"abc\\n\"}", "login")]
    [TestCase("{}", "login")]
    [TestCase("""{"login":"system"}""", "login")]
    [TestCase("""{"login":"admin-token"}""", "login")]
    [TestCase("""{"login":"abc","email":"nobody"}""", "email")]
    [TestCase("""{"login":"abc","platform_role":"root"}""", "platform_role")]
    [TestCase("""{"login":"abc","password":"short"}""", "password")]
    [TestCase("""{"login":"abc","password":"Password1234!"}""", "password")]
    [TestCase("""{"login":"abc","password":"qwertyuiop123"}""", "password")]
    [TestCase("""{"login":"abc","password":"aaaaaaaaaaaaaaaa"}""", "password")]
    [TestCase("""{"login":"margaret","password":"margaret-2024!"}""", "password")]
    public async Task Create_WhenBodyIsInvalid_NamesTheField(string body, string field)
    {
        var answer = await Admin.PostAsync(Users, body);
        Assert.That((answer.Status, answer.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, field)), answer.ToString());
    }

    [Test]
    public async Task Email_WhenCallerIsAnotherUser_IsHidden()
    {
        var (ann, id) = await Admin.CreateMemberAsync();
        await Admin.PatchAsync($"{Users}/{id}", """{"email":"private@example.org"}""");
        var (bob, _) = await Admin.CreateMemberAsync();
        Assert.That((string?)(await ann.GetAsync($"{Users}/{id}")).Body!["email"], Is.EqualTo("private@example.org"));
        Assert.That((string?)(await bob.GetAsync($"{Users}/{id}")).Body!["email"], Is.Null);
        Assert.That((await bob.GetAsync($"{Users}?limit=200")).Text, Does.Not.Contain("private@example.org"));
    }

    [Test]
    public async Task Update_WhenAdminDemotesThemselves_IsAConflict()
    {
        var id = await Admin.CreateUserAsync(more: ""","platform_role":"admin" """);
        using var self = Admin.With((await Admin.CreateTokenAsync(id)).Secret);
        Assert.That((await self.PatchAsync($"{Users}/{id}", """{"active":false}""")).Code, Is.EqualTo("own_account"));
        Assert.That((await self.PatchAsync($"{Users}/{id}", """{"platform_role":"none"}""")).Code, Is.EqualTo("own_account"));
    }

    [TestCase("ed25519", "", true)]
    [TestCase("ecdsa", "256", true)]
    [TestCase("ecdsa", "384", true)]
    [TestCase("ecdsa", "521", true)]
    [TestCase("rsa", "2048", true)]
    [TestCase("rsa", "4096", true)]
    [TestCase("rsa", "1024", false)]
    public async Task AddSshKey_WhenMadeBySshKeygen_IsAcceptedIfStrongEnough(string type, string bits, bool taken)
    {
        var (ann, id) = await Admin.CreateMemberAsync();
        var line = await KeygenAsync(type, bits);
        var answer = await ann.PostAsync($"{Users}/{id}/ssh-keys", $$"""{"name":"laptop","public_key":"{{line}}"}""");
        if (!taken)
        {
            Assert.That((answer.Status, answer.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "public_key")));
            Assert.That(answer.Text, Does.Contain("1024 bits"));
            return;
        }

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.ToString());
        var listed = (await ann.GetAsync($"{Users}/{id}/ssh-keys")).Body!["items"]![0]!;
        Assert.That((string)listed["fingerprint"]!, Is.EqualTo(await FingerprintAsync()));
        Assert.That((string)listed["comment"]!, Is.EqualTo("ann@laptop one"));
        var (bob, bobId) = await Admin.CreateMemberAsync();
        Assert.That(
            (await bob.PostAsync($"{Users}/{bobId}/ssh-keys", $$"""{"public_key":"{{line}}"}""")).Status,
            Is.EqualTo(HttpStatusCode.Created),
            "another user may register the same key and does not learn its owner"
        );
        Assert.That((await bob.PostAsync($"{Users}/{bobId}/ssh-keys", $$"""{"public_key":"{{line}}"}""")).Code, Is.EqualTo("key_exists"));
        Assert.That((await bob.DeleteAsync($"{Users}/{id}/ssh-keys/{listed["id"]}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await ann.DeleteAsync($"{Users}/{id}/ssh-keys/{listed["id"]}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task CreateToken_WhenScopeIsWiderThanTheCallers_Is403()
    {
        var user = await Admin.CreateUserAsync();
        using var narrow = Admin.With((await Admin.CreateTokenAsync(user, "operate")).Secret);
        Assert.That(
            (await narrow.PostAsync($"{Users}/{user}/tokens", """{"name":"wide","scopes":["manage"]}""")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        var (secret, _) = await Admin.CreateTokenAsync(user);
        using var wide = Admin.With(secret);
        Assert.That((await wide.GetAsync($"{Users}/{user}/tokens")).Text, Does.Not.Contain(secret).And.Contain("last_used_at"));
        var project = await Admin.CreateProjectAsync();
        Assert.That(
            (await wide.PostAsync($"{Users}/{user}/tokens", $$"""{"name":"x","scopes":["read"],"project_id":"{{project}}"}""")).ErrorFields,
            Is.EqualTo(new[] { "project_id" }),
            "a project of others looks absent"
        );
    }

    [Test]
    public async Task ProjectToken_OutsideItsProject_SeesNothing()
    {
        var (mine, other) = (await Admin.CreateProjectAsync(), await Admin.CreateProjectAsync());
        var made = await Admin.PostAsync($"/api/v1/projects/{mine}/tokens", """{"name":"ci","scopes":["operate"]}""");
        using var ci = Admin.With((string)made.Body!["token"]!);
        Assert.That((await ci.GetAsync($"/api/v1/projects/{mine}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ci.GetAsync($"/api/v1/projects/{other}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await ci.GetAsync("/api/v1/projects")).Body!["items"]!.AsArray().Select(p => (string)p!["id"]!),
            Is.EqualTo(new[] { mine })
        );
        Assert.That(
            (await ci.PatchAsync($"/api/v1/projects/{mine}", """{"name":"Other name"}""")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        Assert.That((await ci.GetAsync(Users)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    private string KeyFile => Path.Combine(folder.Path, "key");

    private async Task<string> KeygenAsync(string type, string bits)
    {
        File.Delete(KeyFile);
        File.Delete(KeyFile + ".pub");
        string[] size = bits.Length > 0 ? ["-b", bits] : [];
        var made = await ChildProcess.RunAsync(
            new ChildCommand(
                "/usr/bin/ssh-keygen",
                ["-q", "-t", type, .. size, "-N", "", "-C", "ann@laptop one", "-f", KeyFile],
                TimeSpan.FromSeconds(30)
            ),
            CancellationToken.None
        );
        Assert.That(made.ExitCode, Is.Zero);
        return (await File.ReadAllTextAsync(KeyFile + ".pub")).Trim();
    }

    private async Task<string> FingerprintAsync() =>
        (
            await ChildProcess.RunAsync(
                new ChildCommand("/usr/bin/ssh-keygen", ["-l", "-f", KeyFile + ".pub"], TimeSpan.FromSeconds(5)),
                CancellationToken.None
            )
        ).Output.Split(' ')[1];
}
