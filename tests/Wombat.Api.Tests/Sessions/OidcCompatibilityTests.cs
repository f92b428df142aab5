using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Signing in by an OpenID provider with the quirks of real ones.</summary>
public sealed class OidcCompatibilityTests
{
    private const string Client = "wombat";

    private TestKeys keys = null!;
    private TestKeys others = null!;
    private HostileOidcProvider provider = null!;
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        keys = new TestKeys("q", withLeadingZero: true);
        others = new TestKeys("q");
        provider = await HostileOidcProvider.StartAsync(keys);
        provider.Discovery = document =>
        {
            document["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt");
            document["scopes_supported"] = new JsonArray("openid", "profile", "email");
            document["authorization_response_iss_parameter_supported"] = true;
        };
        provider.Keys = set =>
        {
            var (rsa, ec) = (set[^2]!, set[^1]!);
            set.Insert(0, rsa.DeepClone());
            set.Insert(0, others.Set(withPrivate: false)["keys"]![0]!.DeepClone());
            ec["x"] = System.Buffers.Text.Base64Url.EncodeToString(
                System.Buffers.Text.Base64Url.DecodeFromChars((string)ec["x"]!).AsSpan(1)
            );
        };
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AUTH_OIDC_ISSUER"] = provider.Issuer,
                ["AUTH_OIDC_CLIENT_ID"] = Client,
                ["AUTH_OIDC_CLIENT_SECRET"] = "sesame",
                ["AUTH_OIDC_ROLES"] = """["staff -> quirks:developer","bosses -> admin","payers -> payroll:developer"]""",
            }
        );
        await Admin.CreateProjectAsync("quirks");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await provider.DisposeAsync();
        keys.Dispose();
        others.Dispose();
    }

    [SetUp]
    public void Reset()
    {
        (provider.UserInfo, provider.UserInfoStatus, provider.UserInfoType) = ("", 404, "application/json");
        (provider.RefreshToken, provider.RefreshAnswer) = (null, (400, """{"error":"invalid_grant"}"""));
    }

    [TestCase("RS256")]
    [TestCase("ES256")]
    public async Task Keys_WhenListedTwiceOrWithoutLeadingZero_AreAccepted(string algorithm) =>
        Assert.That((await SignInAsync(Claims("keyed"), algorithm)).Status, Is.EqualTo(HttpStatusCode.Found));

    [Test]
    public async Task SignIn_WhenDiscoveryRestrictsMethodsAndScopes_FollowsIt()
    {
        using var browser = new ScriptedBrowser();
        var begun = System.Web.HttpUtility.ParseQueryString(
            new Uri((await browser.GetAsync($"{Admin.Address}api/v1/session/oidc")).Location!).Query
        );
        Assert.That((begun["scope"], begun["prompt"]), Is.EqualTo(("openid profile email", (string?)null)));
        Assert.That((await SignInAsync(Claims("posted"))).Status, Is.EqualTo(HttpStatusCode.Found));
        Assert.That(
            (provider.TokenRequest.Scheme, provider.TokenRequest.Form["client_id"], provider.TokenRequest.Form["client_secret"]),
            Is.EqualTo(((string?)null, Client, "sesame"))
        );
    }

    [Test]
    public async Task Callback_WhenAnnouncedIssuerIsMissing_Is401()
    {
        Assert.That((await SignInAsync(Claims("mixed"), iss: "")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            (await SignInAsync(Claims("mixed"), iss: "&iss=https%3A%2F%2Fevil.example.org")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );
        Assert.That(await ReasonAsync(), Does.Contain("another issuer"));
    }

    [TestCase("""{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://graph.example.org"}}}""")]
    [TestCase("""{"hasgroups":true}""")]
    [TestCase("{}")]
    [TestCase("""{"groups":null}""")]
    [TestCase("""{"groups":[7]}""")]
    public async Task SignIn_WhenGroupsClaimIsMissing_KeepsRolesUnlikeAnEmptyList(string told)
    {
        var subject = $"overage-{Guid.NewGuid():N}"[..20];
        await SignInAsync(With(Claims(subject), "groups", new JsonArray("staff", "bosses")));
        Assert.That(await RolesAsync(subject), Is.EqualTo("admin developer"));

        var claims = Claims(subject);
        claims.Remove("groups");
        foreach (var (name, value) in JsonNode.Parse(told)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }

        for (var i = 0; i < 2; i++)
        {
            Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found));
        }

        Assert.That(await RolesAsync(subject), Is.EqualTo("admin developer"));
        Assert.That(
            await server.ScalarAsync<long>(
                "select count(*) from events e join users u on u.id = e.target_id where e.action = 'user.roles_kept' "
                    + $"and u.login = '{subject}'"
            ),
            Is.EqualTo(1)
        );

        await SignInAsync(With(Claims(subject), "groups", new JsonArray()));
        Assert.That(await RolesAsync(subject), Is.EqualTo("none "));
    }

    [Test]
    public async Task UserInfo_WhenSignedToken_IsAcceptedAndAnInvalidOneIsIgnored()
    {
        var claims = Claims("informed");
        claims.Remove("groups");
        string Info(params string[] groups) =>
            new JsonObject
            {
                ["iss"] = provider.Issuer,
                ["aud"] = Client,
                ["sub"] = "informed",
                ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
            }.ToJsonString();

        (provider.UserInfoStatus, provider.UserInfoType, provider.UserInfo) = (
            200,
            "application/jwt",
            keys.SignText("""{"alg":"RS256","kid":"q-rsa"}""", Info("staff"))
        );
        Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found));
        Assert.That(await RolesAsync("informed"), Is.EqualTo("none developer"));

        using var strangers = new TestKeys("q");
        foreach (
            var (status, body) in new[]
            {
                (200, strangers.SignText("""{"alg":"RS256","kid":"q-rsa"}""", Info())),
                (403, ""),
                (500, ""),
                (200, "no token"),
            }
        )
        {
            (provider.UserInfoStatus, provider.UserInfo) = (status, body);
            Assert.That((await SignInAsync(claims)).Status, Is.EqualTo(HttpStatusCode.Found), body);
            Assert.That(await RolesAsync("informed"), Is.EqualTo("none developer"), "nobody said that there are none");
        }
    }

    [Test]
    public async Task SignIn_WhenBegunInSeveralTabs_CompletesInEachUpToALimit()
    {
        using var browser = new ScriptedBrowser();
        var begun = new List<System.Collections.Specialized.NameValueCollection>();
        for (var i = 0; i < 2; i++)
        {
            begun.Add(
                System.Web.HttpUtility.ParseQueryString(
                    new Uri((await browser.GetAsync($"{Admin.Address}api/v1/session/oidc?return_to=/tab{i}")).Location!).Query
                )
            );
        }

        for (var i = 0; i < 2; i++)
        {
            provider.IdToken = keys.Sign(With(Claims("tabs"), "nonce", begun[i]["nonce"]!));
            var back = await browser.GetAsync(CallbackUrl(begun[i]["state"]));
            Assert.That((back.Status, back.Location), Is.EqualTo((HttpStatusCode.Found, $"/tab{i}")));
        }

        for (var i = 0; i < 9; i++)
        {
            begun.Add(
                System.Web.HttpUtility.ParseQueryString(
                    new Uri((await browser.GetAsync($"{Admin.Address}api/v1/session/oidc")).Location!).Query
                )
            );
        }

        Assert.That(browser.Cookies(Admin.Address).Count(c => c.StartsWith("wombat_oidc", StringComparison.Ordinal)), Is.EqualTo(5));
    }

    [TestCase("/caf%C3%A9", "/caf%C3%A9")]
    [TestCase("/caf%C3%A9?q=a%20b%26c#%C3%BC", "/caf%C3%A9?q=a%20b&c#%C3%BC")]
    public async Task SignIn_WhenReturnToIsNotAscii_RedirectsThere(string asked, string sent)
    {
        var answer = await SignInAsync(
            Claims("traveller"),
            returnTo: asked.Replace("#", "%23", StringComparison.Ordinal).Replace("&", "%26", StringComparison.Ordinal)
        );
        Assert.That((answer.Status, answer.Location), Is.EqualTo((HttpStatusCode.Found, sent)));
    }

    [Test]
    public async Task SignIn_WhenUsernameIsAnEmailAddress_DerivesTheLogin()
    {
        await SignInAsync(With(Claims("entra"), "preferred_username", "Pia.Ek@corp.example"));
        Assert.That(await LoginAsync("entra"), Is.EqualTo("pia.ek"));
        var google = Claims("google");
        google.Remove("preferred_username");
        await SignInAsync(With(With(google, "email", "1gus@mail.example"), "email_verified", true));
        Assert.That(await LoginAsync("google"), Is.EqualTo("1gus"));

        google["sub"] = "google-2";
        var refused = await SignInAsync(With(With(google, "email", "eve@mail.example"), "email_verified", false));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "the userinfo, which might say more, is not to be had");
        (provider.UserInfoStatus, provider.UserInfo) = (200, """{"sub":"google-2"}""");
        refused = await SignInAsync(With(With(google, "email", "eve@mail.example"), "email_verified", false));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await ReasonAsync(), Does.Contain("google-2").And.Contain("without a login"));

        refused = await SignInAsync(With(Claims("odd"), "preferred_username", "Ünal Öz"));
        Assert.That(
            (refused.Status, (string?)refused.Body!["detail"]),
            Is.EqualTo((HttpStatusCode.Unauthorized, "'Ünal Öz' cannot be a login here. An admin links this account to a user."))
        );
        Assert.That(await ReasonAsync(), Does.Contain("'Ünal Öz'"));
    }

    [TestCase("interaction_required")]
    [TestCase("login_required")]
    [TestCase("access_denied")]
    [TestCase("consent_required")]
    [TestCase("invalid_grant")]
    public async Task Refresh_WhenProviderRejectsIt_EndsTheSession(string error)
    {
        using var session = await OpenAsync("refused");
        provider.RefreshAnswer = (400, $$"""{"error":"{{error}}"}""");
        await RefreshAsync();
        await Eventually.UntilAsync(
            async () => (await session.GetAsync("/api/v1/session")).Status == HttpStatusCode.Unauthorized,
            "the session ends"
        );
    }

    [TestCase(503, "")]
    [TestCase(429, "")]
    [TestCase(403, "<html>")]
    [TestCase(401, """{"error":"invalid_client"}""")]
    [TestCase(400, """{"error":"invalid_scope"}""")]
    [TestCase(400, """{"error":"temporarily_unavailable"}""")]
    public async Task Refresh_WhenProviderFailsTemporarily_KeepsTheSession(int status, string body)
    {
        using var session = await OpenAsync("patient");
        provider.RefreshAnswer = (status, body);
        await RefreshAsync();

        // One refresh follows the other: with the second the first is over.
        await RefreshAsync();
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Refresh_WhenIdTokenIsMissing_KeepsTheSessionAndItsRoles()
    {
        using var session = await OpenAsync("quiet", "staff");
        provider.RefreshAnswer = (200, """{"access_token":"next","token_type":"Bearer"}""");
        await RefreshAsync();
        await RefreshAsync();
        Assert.That((await session.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await RolesAsync("quiet"), Is.EqualTo("none developer"));
    }

    [Test]
    public async Task UnlinkIdentity_WhenUserHasOtherSessions_EndsOnlyItsOwn()
    {
        using var session = await OpenAsync("unlinked");
        var user = (string)(await session.GetAsync("/api/v1/session")).Body!["user"]!["id"]!;
        await Admin.PutAsync($"/api/v1/users/{user}/password", """{"new_password":"seven dry leaves fall"}""");
        using var nobody = Admin.With(token: null);
        using var own = nobody.In(await nobody.SignInAsync("unlinked", "seven dry leaves fall"));
        using var again = await OpenAsync("unlinked");
        Assert.That(
            (
                await Admin.DeleteAsync($"/api/v1/users/{user}/identities?issuer={Uri.EscapeDataString(provider.Issuer)}&subject=unlinked")
            ).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        Assert.That((await again.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await own.GetAsync("/api/v1/session")).Status, Is.EqualTo(HttpStatusCode.OK), "by a password of Wombat's");
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.ended' and target_id = '{user}' "
                    + "and before->>'method' = 'identity unlinked'"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task CreateProject_WhenUnixNameIsMappedToAGroup_NeedsAnAdmin()
    {
        var (attacker, _) = await Admin.CreateMemberAsync();
        using (attacker)
        {
            const string Payroll = """{"name":"Payroll","unix_name":"payroll"}""";
            var refused = await attacker.PostAsync("/api/v1/projects", Payroll);
            Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "unix_name_reserved")));
            Assert.That((await Admin.PostAsync("/api/v1/projects", Payroll)).Status, Is.EqualTo(HttpStatusCode.Created));
        }
    }

    private JsonObject Claims(string subject)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = provider.Issuer,
            ["sub"] = subject,
            ["aud"] = Client,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["preferred_username"] = subject,
            ["groups"] = new JsonArray(),
        };
    }

    private static JsonObject With(JsonObject claims, string name, JsonNode value)
    {
        var copy = claims.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    private async Task<Answer> SignInAsync(JsonObject claims, string algorithm = "RS256", string? iss = null, string returnTo = "/")
    {
        using var browser = new ScriptedBrowser();
        var begun = System.Web.HttpUtility.ParseQueryString(
            new Uri((await browser.GetAsync($"{Admin.Address}api/v1/session/oidc?return_to={returnTo}")).Location!).Query
        );
        provider.IdToken = keys.Sign(With(claims, "nonce", begun["nonce"]!), algorithm);
        return await browser.GetAsync(CallbackUrl(begun["state"], iss));
    }

    /// <param name="iss">The parameter of the issuer; null for the right one.</param>
    private string CallbackUrl(string? state, string? iss = null) =>
        $"{Admin.Address}api/v1/session/oidc/callback?code=any&state={state}" + (iss ?? $"&iss={Uri.EscapeDataString(provider.Issuer)}");

    private async Task<WombatClient> OpenAsync(string subject, params string[] groups)
    {
        provider.RefreshToken = "r";
        var answer = await SignInAsync(With(Claims(subject), "groups", new JsonArray([.. groups.Select(g => (JsonNode)g)])));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Found), answer.ToString());
        var session = Admin.With(token: null);
        session.Http.DefaultRequestHeaders.Add("Cookie", answer.Cookie("wombat_session"));
        return session;
    }

    private async Task RefreshAsync()
    {
        var before = provider.Refreshes;
        await server.ExecuteAsync("update sessions set refresh_at = null where refresh_at < (select max(refresh_at) from sessions)");
        await Eventually.UntilAsync(
            async () =>
            {
                // Again and again: an earlier refresh that is just being saved sets it to later.
                await server.ExecuteAsync("update sessions set refresh_at = now() where refresh_at is not null");
                return provider.Refreshes > before;
            },
            "the session is refreshed"
        );
    }

    private Task<string?> RolesAsync(string login) =>
        server.ScalarAsync<string>(
            "select u.platform_role || ' ' || coalesce(string_agg(m.role, ' '), '') from users u left join members m "
                + $"on m.user_id = u.id where u.login = '{login}' group by u.platform_role"
        );

    private Task<string?> LoginAsync(string subject) =>
        server.ScalarAsync<string>($"select u.login from users u join identities i on i.user_id = u.id where i.subject = '{subject}'");

    private Task<string?> ReasonAsync() =>
        server.ScalarAsync<string>("select after->>'reason' from events where action = 'request.refused' order by id desc limit 1");
}
