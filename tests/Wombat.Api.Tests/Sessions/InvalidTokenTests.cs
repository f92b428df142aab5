using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Invalid tokens, as bearer and as ID token: each is rejected, and the audit says why.</summary>
public sealed class InvalidTokenTests : HostileProviderTestBase
{
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
            Assert.That((await AskAsync(Keys.Sign(Claims(Audience), algorithm))).Status, Is.EqualTo(HttpStatusCode.OK), algorithm);
        }

        Assert.That((await SignInAsync(nonce => Keys.Sign(With(Claims(Client), "nonce", nonce)))).Status, Is.EqualTo(HttpStatusCode.Found));
    }

    [TestCaseSource(nameof(Lies))]
    public async Task BearerToken_WhenInvalid_Is401AndAudited(string lie)
    {
        var before = await RefusalsAsync();
        var answer = await AskAsync(Make(lie, Claims(Audience)));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.Unauthorized, "unauthenticated")), lie);
        Assert.That(answer.Text, Does.Not.Contain("signature").And.Not.Contain("audience"), "the answer does not reveal the reason");
        Assert.That(await RefusalsAsync() - before, Is.EqualTo(1), "audited once");
    }

    [Test]
    public async Task BearerToken_WhenManyHaveUnknownKeys_FetchesTheKeySetAtMostTwice()
    {
        await AskAsync(Make("unknown kid", Claims(Audience)));
        var before = Provider.KeyFetches;
        for (var i = 0; i < 50; i++)
        {
            await AskAsync(Make("unknown kid", Claims(Audience)));
        }

        Assert.That(Provider.KeyFetches - before, Is.LessThanOrEqualTo(2));
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

    private string Make(string lie, JsonObject claims)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return lie switch
        {
            "alg none" => Keys.Sign(claims, "none"),
            "HS256 with the public key" => Keys.Sign(claims, "HS256"),
            "another's signature" => OtherKeys.Sign(claims),
            "unknown kid" => Keys.Sign(claims, kid: "nobody's"),
            "EC algorithm with the RSA key" => Keys.Sign(claims, "ES256", Keys.RsaId),
            "algorithm not allowed" => Keys.Sign(claims, "RS512"),
            "wrong audience" => Keys.Sign(With(claims, "aud", "another-service")),
            "no audience" => Keys.Sign(Without(claims, "aud")),
            "wrong issuer" => Keys.Sign(With(claims, "iss", "https://evil.example.org")),
            "expired" => Keys.Sign(With(claims, "exp", now - 120)),
            "no expiry" => Keys.Sign(Without(claims, "exp")),
            "not valid yet" => Keys.Sign(With(claims, "nbf", now + 300)),
            "issued in the future" => Keys.Sign(With(claims, "iat", now + 300)),
            "huge" => Keys.Sign(With(claims, "padding", new string('x', 20_000))),
            "extension demanded" => WithHeader(claims, """{"alg":"RS256","kid":"k-rsa","crit":["exp"]}"""),
            "two subjects" => Twice(claims),
            "logout token" => Keys.Sign(claims, type: "logout+jwt"),
            "body changed" => Swap(Keys.Sign(claims), With(claims, "sub", "root")),
            "half a Unicode pair for an algorithm" => WithHeader(claims, """{"alg":"\ud800","kid":"k-rsa"}"""),
            "half a Unicode pair for a claim" => WithBody(claims, "\"\\udc00\":1"),
            "NUL in the subject" => WithBody(Without(claims, "sub"), "\"sub\":\"machine\\u0000\""),
            "another client's" => Keys.Sign(With(With(claims, "aud", new JsonArray(Client, "other")), "azp", "other")),
            _ => Keys.Sign(claims),
        };
    }

    private string WithHeader(JsonObject claims, string header) => Keys.SignText(header, claims.ToJsonString());

    private string Twice(JsonObject claims) => WithBody(claims, "\"sub\":\"root\"");

    private string WithBody(JsonObject claims, string more) =>
        Keys.SignText("""{"alg":"RS256","kid":"k-rsa"}""", $"{claims.ToJsonString()[..^1]},{more}}}");

    private static string Swap(string token, JsonObject claims)
    {
        var parts = token.Split('.');
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return $"{parts[0]}.{body}.{parts[2]}";
    }

    private async Task<Answer> AskAsync(string token)
    {
        using var client = Server.Client.With(token);
        return await client.GetAsync("/api/v1/session");
    }
}
