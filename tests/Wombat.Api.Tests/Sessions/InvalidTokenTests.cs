using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Tokens that lie, as bearer and as ID token: each is refused, and the audit says why.</summary>
public sealed class InvalidTokenTests
{
    private const string Audience = "wombat-api";
    private const string Client = "wombat";

    private TestKeys keys = null!;
    private TestKeys others = null!;
    private HostileOidcProvider provider = null!;
    private TestServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        keys = new TestKeys("k");
        others = new TestKeys("k");
        provider = await HostileOidcProvider.StartAsync(keys);
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AUTH_OIDC_ISSUER"] = provider.Issuer,
                ["AUTH_OIDC_CLIENT_ID"] = Client,
                ["AUTH_OIDC_CLIENT_SECRET"] = "irrelevant here",
                ["AUTH_JWT_ISSUERS"] = provider.Issuer,
                ["AUTH_JWT_AUDIENCES"] = Audience,
            }
        );
        var user = await server.Client.CreateUserAsync("machine");
        await server.Client.PostAsync($"/api/v1/users/{user}/identities", $$"""{"issuer":"{{provider.Issuer}}","subject":"machine"}""");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        await provider.DisposeAsync();
        keys.Dispose();
        others.Dispose();
    }

    private static readonly string[] Lies =
    [
        "alg none",
        "HS256 with the public key",
        "another's signature",
        "unknown kid",
        "EC algorithm with the RSA key",
        "algorithm not allowed",
        "wrong audience",
        "no audience",
        "wrong issuer",
        "expired",
        "no expiry",
        "not valid yet",
        "issued in the future",
        "huge",
        "extension demanded",
        "two subjects",
        "logout token",
        "body changed",
        "half a Unicode pair for an algorithm",
        "half a Unicode pair for a claim",
        "NUL in the subject",
    ];

    [Test]
    public async Task Token_WhenValid_IsAccepted()
    {
        foreach (var algorithm in new[] { "RS256", "ES256" })
        {
            Assert.That((await AskAsync(keys.Sign(Claims(Audience), algorithm))).Status, Is.EqualTo(HttpStatusCode.OK), algorithm);
        }

        Assert.That((await SignInAsync(nonce => keys.Sign(With(Claims(Client), "nonce", nonce)))).Status, Is.EqualTo(HttpStatusCode.Found));
    }

    [TestCaseSource(nameof(Lies))]
    public async Task BearerToken_WhenInvalid_Is401AndAudited(string lie)
    {
        var before = await RefusalsAsync();
        var answer = await AskAsync(Make(lie, Claims(Audience)));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Unauthorized, "unauthenticated")), lie);
        Assert.That(answer.Text, Does.Not.Contain("signature").And.Not.Contain("audience"), "the caller is not told why");
        Assert.That(await RefusalsAsync() - before, Is.EqualTo(1), "audited once");
    }

    [TestCaseSource(nameof(Lies))]
    [TestCase("wrong nonce")]
    [TestCase("another client's")]
    public async Task IdToken_WhenInvalid_Is401AndAudited(string lie)
    {
        var before = await RefusalsAsync();
        var answer = await SignInAsync(nonce => Make(lie, With(Claims(Client), "nonce", lie == "wrong nonce" ? "another" : nonce)));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Unauthorized, "unauthenticated")), lie);
        Assert.That(
            answer.Headers.Contains("Set-Cookie")
                && answer.Headers.GetValues("Set-Cookie").Any(c => c.StartsWith("wombat_session=", StringComparison.Ordinal)),
            Is.False
        );
        Assert.That(await RefusalsAsync() - before, Is.EqualTo(1), "audited once");
    }

    [Test]
    public async Task BearerToken_WhenManyHaveUnknownKeys_FetchesTheKeySetAtMostTwice()
    {
        await AskAsync(Make("unknown kid", Claims(Audience)));
        var before = provider.KeyFetches;
        for (var i = 0; i < 50; i++)
        {
            await AskAsync(Make("unknown kid", Claims(Audience)));
        }

        Assert.That(provider.KeyFetches - before, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public async Task BackchannelLogout_WhenTokenIsNoLogoutToken_Is401()
    {
        Task<HttpStatusCode> Notify(JsonObject claims) =>
            NotifyAsync("application/x-www-form-urlencoded", $"logout_token={keys.Sign(claims, type: "logout+jwt")}");

        var events = """{"http://schemas.openid.net/event/backchannel-logout":{}}""";
        Assert.That(await Notify(With(Claims(Client), "events", JsonNode.Parse(events)!)), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Notify(Claims(Client)), Is.EqualTo(HttpStatusCode.Unauthorized), "no event");
        Assert.That(
            await Notify(With(With(Claims(Client), "events", JsonNode.Parse(events)!), "nonce", "n")),
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "an ID token in disguise"
        );
        Assert.That(
            await Notify(With(Claims(Audience), "events", JsonNode.Parse(events)!)),
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "another's"
        );
    }

    [TestCase("\"expires_in\":\"3600\"", 302)]
    [TestCase("\"expires_in\":1e999", 302)]
    [TestCase("\"expires_in\":{}", 302)]
    [TestCase("\"refresh_token\":[1]", 302)]
    public async Task TokenResponse_WhenOptionalFieldIsMalformed_IsAccepted(string more, int status) =>
        Assert.That(
            (int)(await SignInWithAsync(id => $$"""{"access_token":"opaque","id_token":"{{id}}",{{more}}}""")).Status,
            Is.EqualTo(status)
        );

    [TestCase("", 401)]
    [TestCase("[]", 401)]
    [TestCase("null", 401)]
    [TestCase("{", 401)]
    [TestCase("{}", 401)]
    [TestCase("""{"id_token":7}""", 401)]
    [TestCase("""{"id_token":"\ud800.a.b"}""", 401)]
    [TestCase("""{"id_token":"a","id_token":"b"}""", 401)]
    public async Task TokenResponse_WhenMalformed_Is401(string answer, int status) =>
        Assert.That((int)(await SignInWithAsync(_ => answer)).Status, Is.EqualTo(status));

    [Test]
    public async Task TokenResponse_WhenError_IsRecordedInTheAudit()
    {
        Assert.That(
            (await SignInWithAsync(_ => """{"error":"invalid_client","error_description":"the secret\u0007 is wrong"}""", 400)).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );
        Assert.That(
            await server.ScalarAsync<string>(
                "select after->>'reason' from events where action = 'request.refused' order by id desc limit 1"
            ),
            Does.Contain("invalid_client").And.Contain("is wrong"),
            "or nobody finds out that the configured secret is"
        );
    }

    [TestCase("", 302)]
    [TestCase("[]", 302)]
    [TestCase("""{"sub":"another"}""", 401)]
    [TestCase("""{"sub":"machine","name":"half a pair \udc00"}""", 302)]
    [TestCase("""{"sub":"machine","email":"nul\u0000@example.org"}""", 302)]
    [TestCase("""{"sub":"machine","groups":{"a":[null]}}""", 302)]
    [TestCase("""{"sub":"machine","groups":[null,7,"shop"]}""", 302)]
    public async Task UserInfo_WhenMalformed_IsIgnoredUnlessSubjectDiffers(string info, int status)
    {
        provider.UserInfo = info;
        Assert.That(
            (int)(await SignInAsync(nonce => keys.Sign(Without(With(Claims(Client), "nonce", nonce), "groups")))).Status,
            Is.EqualTo(status)
        );
    }

    [Test]
    public async Task Callback_WhenIssuerDiffers_Is401()
    {
        Task<Answer> ReturnAsync(string more) => SignInAsync(nonce => keys.Sign(With(Claims(Client), "nonce", nonce)), more);

        Assert.That((await ReturnAsync("&iss=https%3A%2F%2Fevil.example.org")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            (await ReturnAsync($"&iss={Uri.EscapeDataString(provider.Issuer)}&iss={Uri.EscapeDataString(provider.Issuer)}")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "twice"
        );
        Assert.That((await ReturnAsync($"&iss={Uri.EscapeDataString(provider.Issuer)}")).Status, Is.EqualTo(HttpStatusCode.Found));
    }

    [Test]
    public async Task TokenResponse_WhenAccessTokenIsNoHeaderValue_Is401() =>
        Assert.That(
            (await SignInWithAsync(id => $$"""{"access_token":"two\r\nlines","id_token":"{{id}}"}""", withoutGroups: true)).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );

    [TestCase("error=%00%1b[31m")]
    [TestCase("error=access_denied&error_description=%ff%fe")]
    [TestCase("code=")]
    [TestCase("code=%00")]
    [TestCase("code=a&code=b")]
    public async Task Callback_WhenQueryIsMalformed_IsRejected(string query)
    {
        provider.IdToken = "";
        using var browser = new ScriptedBrowser();
        var begun = await browser.GetAsync($"{server.Client.Address}api/v1/session/oidc");
        var state = System.Web.HttpUtility.ParseQueryString(new Uri(begun.Location!).Query)["state"];
        var answer = await browser.GetAsync($"{server.Client.Address}api/v1/session/oidc/callback?{query}&state={state}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("application/x-www-form-urlencoded", "logout_token=%00", 400)]
    [TestCase("application/x-www-form-urlencoded", "logout_token=a&logout_token=b", 401)]
    [TestCase("application/x-www-form-urlencoded", "", 400)]
    [TestCase("application/x-www-form-urlencoded; charset=utf-16", "logout_token=a", 415)]
    [TestCase("multipart/form-data", "logout_token=a", 400)]
    [TestCase("multipart/form-data; boundary=x", "--x\r\nrubbish", 400)]
    [TestCase("multipart/form-data; boundary=\"\"", "--\r\n", 400)]
    [TestCase("application/json", "{\"logout_token\":\"a\"}", 400)]
    public async Task BackchannelLogout_WhenBodyIsNoForm_IsRejected(string type, string body, int status) =>
        Assert.That((int)await NotifyAsync(type, body), Is.EqualTo(status));

    [Test]
    public async Task BackchannelLogout_WhenFormHasTooManyFields_Is400() =>
        Assert.That(
            (int)await NotifyAsync("application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 5000).Select(i => $"f{i}=1"))),
            Is.EqualTo(400)
        );

    private async Task<HttpStatusCode> NotifyAsync(string type, string body)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await http.PostAsync(new Uri(server.Client.Address, "/api/v1/session/oidc/backchannel-logout"), content);
        return answer.StatusCode;
    }

    private async Task<Answer> SignInWithAsync(Func<string, string> answer, int status = 200, bool withoutGroups = false)
    {
        (provider.TokenAnswer, provider.TokenStatus) = (answer, status);
        try
        {
            return await SignInAsync(nonce =>
                keys.Sign(withoutGroups ? Without(With(Claims(Client), "nonce", nonce), "groups") : With(Claims(Client), "nonce", nonce))
            );
        }
        finally
        {
            (provider.TokenAnswer, provider.TokenStatus) = (null, 200);
        }
    }

    private string Make(string lie, JsonObject claims)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return lie switch
        {
            "alg none" => keys.Sign(claims, "none"),
            "HS256 with the public key" => keys.Sign(claims, "HS256"),
            "another's signature" => others.Sign(claims),
            "unknown kid" => keys.Sign(claims, kid: "nobody's"),
            "EC algorithm with the RSA key" => keys.Sign(claims, "ES256", keys.RsaId),
            "algorithm not allowed" => keys.Sign(claims, "RS512"),
            "wrong audience" => keys.Sign(With(claims, "aud", "another-service")),
            "no audience" => keys.Sign(Without(claims, "aud")),
            "wrong issuer" => keys.Sign(With(claims, "iss", "https://evil.example.org")),
            "expired" => keys.Sign(With(claims, "exp", now - 120)),
            "no expiry" => keys.Sign(Without(claims, "exp")),
            "not valid yet" => keys.Sign(With(claims, "nbf", now + 300)),
            "issued in the future" => keys.Sign(With(claims, "iat", now + 300)),
            "huge" => keys.Sign(With(claims, "padding", new string('x', 20_000))),
            "extension demanded" => WithHeader(claims, """{"alg":"RS256","kid":"k-rsa","crit":["exp"]}"""),
            "two subjects" => Twice(claims),
            "logout token" => keys.Sign(claims, type: "logout+jwt"),
            "body changed" => Swap(keys.Sign(claims), With(claims, "sub", "root")),
            "half a Unicode pair for an algorithm" => WithHeader(claims, """{"alg":"\ud800","kid":"k-rsa"}"""),
            "half a Unicode pair for a claim" => WithBody(claims, "\"\\udc00\":1"),
            "NUL in the subject" => WithBody(Without(claims, "sub"), "\"sub\":\"machine\\u0000\""),
            "another client's" => keys.Sign(With(With(claims, "aud", new JsonArray(Client, "other")), "azp", "other")),
            _ => keys.Sign(claims),
        };
    }

    private JsonObject Claims(string audience)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = provider.Issuer,
            ["sub"] = "machine",
            ["aud"] = audience,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["groups"] = new JsonArray(),
        };
    }

    private static JsonObject With(JsonObject claims, string name, JsonNode value)
    {
        var copy = claims.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    private static JsonObject Without(JsonObject claims, string name)
    {
        var copy = claims.DeepClone().AsObject();
        copy.Remove(name);
        return copy;
    }

    private string WithHeader(JsonObject claims, string header) => keys.SignText(header, claims.ToJsonString());

    private string Twice(JsonObject claims) => WithBody(claims, "\"sub\":\"root\"");

    private string WithBody(JsonObject claims, string more) =>
        keys.SignText("""{"alg":"RS256","kid":"k-rsa"}""", $"{claims.ToJsonString()[..^1]},{more}}}");

    private static string Swap(string token, JsonObject claims)
    {
        var parts = token.Split('.');
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return $"{parts[0]}.{body}.{parts[2]}";
    }

    private async Task<Answer> AskAsync(string token)
    {
        using var client = server.Client.With(token);
        return await client.GetAsync("/api/v1/session");
    }

    private async Task<Answer> SignInAsync(Func<string, string> idToken, string more = "")
    {
        using var browser = new ScriptedBrowser();
        var begun = await browser.GetAsync($"{server.Client.Address}api/v1/session/oidc");
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(begun.Location!).Query);
        Assert.That((query["code_challenge_method"], query["response_type"], query["client_id"]), Is.EqualTo(("S256", "code", Client)));
        provider.IdToken = idToken(query["nonce"]!);
        return await browser.GetAsync($"{server.Client.Address}api/v1/session/oidc/callback?code=any&state={query["state"]}{more}");
    }

    private Task<long> RefusalsAsync() =>
        server.ScalarAsync<long>("select count(*) from events where action = 'request.refused' and after->>'reason' is not null")!;
}
