using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Malformed responses and requests of an OpenID provider.</summary>
public sealed class OidcResponseTests : HostileProviderTestBase
{
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
            await Server.ScalarAsync<string>(
                "select after->>'reason' from events where action = 'request.refused' order by id desc limit 1"
            ),
            Does.Contain("invalid_client").And.Contain("is wrong"),
            "the audit names the error of the provider"
        );
    }

    [Test]
    public async Task TokenResponse_WhenAccessTokenIsNoHeaderValue_Is401() =>
        Assert.That(
            (await SignInWithAsync(id => $$"""{"access_token":"two\r\nlines","id_token":"{{id}}"}""", withoutGroups: true)).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized)
        );

    [TestCase("", 302)]
    [TestCase("[]", 302)]
    [TestCase("""{"sub":"another"}""", 401)]
    [TestCase("""{"sub":"machine","name":"half a pair \udc00"}""", 302)]
    [TestCase("""{"sub":"machine","email":"nul\u0000@example.org"}""", 302)]
    [TestCase("""{"sub":"machine","groups":{"a":[null]}}""", 302)]
    [TestCase("""{"sub":"machine","groups":[null,7,"shop"]}""", 302)]
    public async Task UserInfo_WhenMalformed_IsIgnoredUnlessSubjectDiffers(string info, int status)
    {
        Provider.UserInfo = info;
        Assert.That(
            (int)(await SignInAsync(nonce => Keys.Sign(Without(With(Claims(Client), "nonce", nonce), "groups")))).Status,
            Is.EqualTo(status)
        );
    }

    [Test]
    public async Task Callback_WhenIssuerDiffers_Is401()
    {
        Task<Answer> ReturnAsync(string more) => SignInAsync(nonce => Keys.Sign(With(Claims(Client), "nonce", nonce)), more);

        Assert.That((await ReturnAsync("&iss=https%3A%2F%2Fevil.example.org")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            (await ReturnAsync($"&iss={Uri.EscapeDataString(Provider.Issuer)}&iss={Uri.EscapeDataString(Provider.Issuer)}")).Status,
            Is.EqualTo(HttpStatusCode.Unauthorized),
            "twice"
        );
        Assert.That((await ReturnAsync($"&iss={Uri.EscapeDataString(Provider.Issuer)}")).Status, Is.EqualTo(HttpStatusCode.Found));
    }

    [TestCase("error=%00%1b[31m")]
    [TestCase("error=access_denied&error_description=%ff%fe")]
    [TestCase("code=")]
    [TestCase("code=%00")]
    [TestCase("code=a&code=b")]
    public async Task Callback_WhenQueryIsMalformed_IsRejected(string query)
    {
        Provider.IdToken = "";
        using var browser = new ScriptedBrowser();
        var begun = await browser.GetAsync($"{Server.Client.Address}api/v1/session/oidc");
        var state = System.Web.HttpUtility.ParseQueryString(new Uri(begun.Location!).Query)["state"];
        var answer = await browser.GetAsync($"{Server.Client.Address}api/v1/session/oidc/callback?{query}&state={state}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task BackchannelLogout_WhenTokenIsNoLogoutToken_Is401()
    {
        Task<HttpStatusCode> Notify(JsonObject claims) =>
            NotifyAsync("application/x-www-form-urlencoded", $"logout_token={Keys.Sign(claims, type: "logout+jwt")}");

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
        using var answer = await http.PostAsync(new Uri(Server.Client.Address, "/api/v1/session/oidc/backchannel-logout"), content);
        return answer.StatusCode;
    }

    private async Task<Answer> SignInWithAsync(Func<string, string> answer, int status = 200, bool withoutGroups = false)
    {
        (Provider.TokenAnswer, Provider.TokenStatus) = (answer, status);
        try
        {
            return await SignInAsync(nonce =>
                Keys.Sign(withoutGroups ? Without(With(Claims(Client), "nonce", nonce), "groups") : With(Claims(Client), "nonce", nonce))
            );
        }
        finally
        {
            (Provider.TokenAnswer, Provider.TokenStatus) = (null, 200);
        }
    }
}
