using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>Sign-in by OpenID providers that deviate from the usual.</summary>
public sealed class OidcCompatibilityTests : OidcCompatibilityTestBase
{
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
            (Provider.TokenRequest.Scheme, Provider.TokenRequest.Form["client_id"], Provider.TokenRequest.Form["client_secret"]),
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
            Provider.IdToken = Keys.Sign(With(Claims("tabs"), "nonce", begun[i]["nonce"]!));
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
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "the userinfo is not available");
        (Provider.UserInfoStatus, Provider.UserInfo) = (200, """{"sub":"google-2"}""");
        refused = await SignInAsync(With(With(google, "email", "eve@mail.example"), "email_verified", false));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await ReasonAsync(), Does.Contain("google-2").And.Contain("has no login"));

        refused = await SignInAsync(With(Claims("odd"), "preferred_username", "Ünal Öz"));
        Assert.That(
            (refused.Status, (string?)refused.Body!["detail"]),
            Is.EqualTo((HttpStatusCode.Unauthorized, "'Ünal Öz' is not a valid login. Ask an admin to link this account to a user."))
        );
        Assert.That(await ReasonAsync(), Does.Contain("'Ünal Öz'"));
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

    private Task<string?> LoginAsync(string subject) =>
        Server.ScalarAsync<string>($"select u.login from users u join identities i on i.user_id = u.id where i.subject = '{subject}'");
}
