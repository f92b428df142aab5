using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Sign-in with a real OpenID provider: browser flow, refresh, groups, logout from both sides, rotated keys.</summary>
[Category("Slow")]
public sealed partial class OidcTests
{
    private TestKeys keys = null!;
    private TestServer server = null!;
    private OidcProvider provider = null!;
    private string project = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        keys = new TestKeys("first");
        var port = FreePort.Next();
        provider = await OidcProvider.StartAsync(port, keys);
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PORT"] = port.ToString(),
                ["AUTH_OIDC_ISSUER"] = provider.Issuer,
                ["AUTH_OIDC_CLIENT_ID"] = "wombat",
                ["AUTH_OIDC_CLIENT_SECRET"] = "secret-of-the-test-client",
                ["AUTH_OIDC_ROLES"] = """["platform-admins -> admin","dev -> grouped:developer","leads -> grouped:project_manager"]""",
                ["AUTH_JWT_ISSUERS"] = provider.Issuer,
                ["AUTH_JWT_AUDIENCES"] = "wombat-api",
            }
        );
        project = await Admin.CreateProjectAsync("grouped");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await provider.DisposeAsync();
        keys.Dispose();
    }

    [Test]
    public async Task SignIn_WhenSubjectIsKnown_FindsTheUserBySubject()
    {
        await provider.SetAccountAsync("subject-1", "alice", "dev");
        using var session = await SignInAsync("subject-1");
        var identity = (await session.GetAsync("/api/v1/session")).Body!;
        Assert.That(
            ((string?)identity["name"], (string?)identity["user"]!["email"], (string?)identity["user"]!["full_name"]),
            Is.EqualTo(("alice", "alice@example.org", "Name of alice"))
        );
        Assert.That((string?)(await session.GetAsync($"/api/v1/projects/{project}")).Body!["id"], Is.EqualTo(project));
        await session.DeleteAsync("/api/v1/session");

        // After a rename it is the same user, and another subject with the old name gets no access to it.
        await provider.SetAccountAsync("subject-1", "alice-married", "dev");
        using var again = await SignInAsync("subject-1");
        Assert.That((string?)(await again.GetAsync("/api/v1/session")).Body!["name"], Is.EqualTo("alice"));
        await provider.SetAccountAsync("subject-2", "alice", "platform-admins");
        var refused = await ReturnAsync("subject-2");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((string?)refused.Body!["detail"], Does.Contain("A user alice exists"));
    }

    [Test]
    public async Task SignInAndRefresh_WhenGroupsChange_GrantAndRemoveRoles()
    {
        await provider.SetAccountAsync("subject-g", "grace", "leads", "platform-admins");
        using var session = await SignInAsync("subject-g");
        var user = (string)(await session.GetAsync("/api/v1/session")).Body!["user"]!["id"]!;
        Assert.That(await RoleAsync(user), Is.EqualTo("project_manager"));
        Assert.That((bool)(await session.GetAsync("/api/v1/session")).Body!["is_admin"]!, Is.True);

        // The last manager keeps the role until someone else has it.
        await provider.SetAccountAsync("subject-g", "grace", "dev");
        await Eventually.UntilAsync(
            async () => !(bool)(await session.GetAsync("/api/v1/session")).Body!["is_admin"]!,
            "the refresh removes the platform role"
        );
        Assert.That(await RoleAsync(user), Is.EqualTo("project_manager"));
        var other = await Admin.CreateUserAsync();
        await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{other}}","role":"project_manager"}""");
        await Eventually.UntilAsync(async () => await RoleAsync(user) == "developer", "the refresh removes the project role");

        await provider.SetAccountAsync("subject-g", "grace");
        await Eventually.UntilAsync(async () => await RoleAsync(user) is null, "the role ends with the group");
        Assert.That((await session.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await RoleAsync(other), Is.EqualTo("project_manager"), "a role that a person assigned is kept");
    }

    [Test]
    public async Task Refresh_WhenAccountWasRemoved_EndsTheSession()
    {
        await provider.SetAccountAsync("subject-r", "robert", "dev");
        using var session = await SignInAsync("subject-r");
        await Eventually.UntilAsync(
            async () =>
                await server.ScalarAsync<long>(
                    "select count(*) from sessions s join users u on u.id = s.user_id where u.login = 'robert' "
                        + "and s.refresh_at > s.created_at + interval '6 seconds'"
                ) == 1,
            "the session is refreshed with a new refresh token"
        );
        await provider.RemoveAccountAsync("subject-r");
        await Eventually.UntilAsync(
            async () => (await session.GetAsync("/api/v1/session")).Status == HttpStatusCode.Unauthorized,
            "the provider no longer confirms the user"
        );
        Assert.That(
            await server.ScalarAsync<long>(
                "select count(*) from events where action = 'session.ended' and before->>'method' = 'the provider no longer "
                    + "confirms the user'"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task SignOut_WhenConfirmedAtTheProvider_EndsAllSessions()
    {
        await provider.SetAccountAsync("subject-l", "laura");
        using var browser = new ScriptedBrowser();
        using var first = await SignInAsync("subject-l", browser);
        using var elsewhere = await SignInAsync("subject-l", browser);
        var ended = await first.DeleteAsync("/api/v1/session");
        var url = (string)ended.Body!["provider_logout_url"]!;
        Assert.That(url, Does.StartWith(provider.Issuer).And.Contain("id_token_hint="));

        // The provider asks for confirmation and then notifies Wombat directly.
        var page = await browser.GetAsync(url);
        var secret = XsrfField().Match(page.Text).Groups["xsrf"].Value;
        var confirmed = await browser.SubmitAsync(
            $"{provider.Issuer}/session/end/confirm",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["xsrf"] = secret, ["logout"] = "yes" }
        );
        Assert.That((int)confirmed.Status, Is.InRange(200, 399), confirmed.ToString());
        await Eventually.UntilAsync(
            async () => (await elsewhere.GetAsync("/api/v1/session")).Status == HttpStatusCode.Unauthorized,
            "the provider's notice ended the other session"
        );
    }

    [Test]
    public async Task Callback_WhenStateIsForeignOrReused_Is401()
    {
        await provider.SetAccountAsync("subject-s", "sybil");
        using var victim = new ScriptedBrowser();
        using var attacker = new ScriptedBrowser();
        var stolen = await attacker.SignInUntilReturnAsync(Admin.Address, "subject-s");
        Assert.That((await victim.GetAsync(stolen)).Status, Is.EqualTo(HttpStatusCode.Unauthorized), "without the cookie");
        await victim.SignInUntilReturnAsync(Admin.Address, "subject-s");
        Assert.That((await victim.GetAsync(stolen)).Status, Is.EqualTo(HttpStatusCode.Unauthorized), "with another sign-in's cookie");
        Assert.That((await attacker.GetAsync(stolen)).Status, Is.EqualTo(HttpStatusCode.Found));
        Assert.That((await attacker.GetAsync(stolen)).Status, Is.EqualTo(HttpStatusCode.Unauthorized), "a second time");
        Assert.That(
            (await attacker.GetAsync($"{Admin.Address}api/v1/session/oidc/callback?error=access_denied&state=x")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );
        foreach (var elsewhere in new[] { "https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "/\tx" })
        {
            Assert.That(
                (await attacker.GetAsync($"{Admin.Address}api/v1/session/oidc?return_to={Uri.EscapeDataString(elsewhere)}")).ErrorFields,
                Is.EqualTo(new[] { "return_to" }),
                elsewhere
            );
        }
    }

    [Test]
    public async Task Callback_WhenFailed_ReturnsHtmlToBrowsersAndJsonToPrograms()
    {
        const string Return = "/api/v1/session/oidc/callback?error=<script>alert(1)</script>&state=x";
        using var nobody = Admin.With(token: null);
        var page = await nobody.GetAsync(Return, ("Accept", "text/html,application/xhtml+xml"));
        Assert.That((page.Status, page.ContentType), Is.EqualTo((HttpStatusCode.Unauthorized, "text/html")));
        Assert.That(
            page.Text,
            Does.Contain("Start again").And.Contain("unauthenticated").And.Match("trace id [0-9a-f]{32}").And.Not.Contain("script")
        );
        Assert.That((await nobody.GetAsync(Return)).Code, Is.EqualTo("unauthenticated"));
        Assert.That(
            (await nobody.GetAsync("/api/v1/projects", ("Accept", "text/html"))).ContentType,
            Is.EqualTo("application/problem+json"),
            "other endpoints are called by programs"
        );
    }

    [Test]
    public async Task SignIn_WhenKeysWereRotated_UsesTheNewKeys()
    {
        await provider.SetAccountAsync("subject-k", "karl");
        using (var before = await SignInAsync("subject-k"))
        {
            Assert.That((await before.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        }

        using var second = new TestKeys("second");
        await RestartProviderAsync(second);
        using var after = await SignInAsync("subject-k");
        Assert.That((await after.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        await RestartProviderAsync(keys);
    }

    [Test]
    public async Task BearerToken_WhenIdentityIsLinked_ActsAsItsUser()
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = "machine",
                ["client_secret"] = "secret-of-the-test-machine",
                ["resource"] = "urn:wombat:api",
                ["scope"] = "api",
            }
        );
        using var given = await http.PostAsync(new Uri($"{provider.Issuer}/token"), form);
        var token = (string)JsonNode.Parse(await given.Content.ReadAsStringAsync())!["access_token"]!;
        using var machine = Admin.With(token);
        Assert.That((await machine.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized), "nobody's yet");
        var user = await Admin.CreateUserAsync("machine-of-ci");
        Assert.That(
            (
                await Admin.PostAsync($"/api/v1/users/{user}/identities", $$"""{"issuer":"{{provider.Issuer}}","subject":"machine"}""")
            ).Status,
            Is.EqualTo(HttpStatusCode.Created)
        );
        var identity = (await machine.GetAsync("/api/v1/session")).Body!;
        Assert.That(((string?)identity["name"], (string?)identity["through"]), Is.EqualTo(("machine-of-ci", "jwt")));
        await Admin.DeleteAsync($"/api/v1/users/{user}/identities?issuer={Uri.EscapeDataString(provider.Issuer)}&subject=machine");
        Assert.That((await machine.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [GeneratedRegex("name=\"xsrf\" value=\"(?<xsrf>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex XsrfField();

    // Until Wombat has fetched the new keys: it does not ask for them more often than every few seconds.
    private async Task RestartProviderAsync(TestKeys with)
    {
        await provider.RestartAsync(with);
        await Eventually.GetAsync(() => ReturnAsync("subject-k"), a => a.Status == HttpStatusCode.Found, "Wombat knows the new keys");
    }

    private async Task<WombatClient> SignInAsync(string subject, ScriptedBrowser? browser = null)
    {
        var answer = await ReturnAsync(subject, browser);
        Assert.That((answer.Status, answer.Location), Is.EqualTo((HttpStatusCode.Found, "/docs")), answer.ToString());
        var session = Admin.With(token: null);
        session.Http.DefaultRequestHeaders.Add("Cookie", answer.Cookie("wombat_session"));
        session.Http.DefaultRequestHeaders.Add("X-CSRF-Token", (string)(await session.GetAsync("/api/v1/session")).Body!["csrf_token"]!);
        return session;
    }

    private async Task<Answer> ReturnAsync(string subject, ScriptedBrowser? browser = null)
    {
        using var own = browser is null ? new ScriptedBrowser() : null;
        var used = browser ?? own!;
        return await used.GetAsync(await used.SignInUntilReturnAsync(Admin.Address, subject));
    }

    private async Task<string?> RoleAsync(string user) =>
        (string?)
            (await Admin.GetAsync($"/api/v1/projects/{project}/members")).Body!["items"]!
                .AsArray()
                .SingleOrDefault(m => (string?)m!["user_id"] == user)
                ?["role"];
}
