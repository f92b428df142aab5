using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>What a sign-in page reads before anybody has signed in.</summary>
public sealed class SignInOptionsTests
{
    private const string Path = "/api/v1/session/options";

    [Test]
    public async Task Options_UntilAnAdminCanSignIn_RequireTheSetup()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.Client.With(token: null);
        Assert.That((bool)(await nobody.GetAsync(Path)).Body!["setup_required"]!, Is.True);
        await server.Client.CreateUserAsync("without-password", ""","platform_role":"admin" """);
        await server.Client.CreateUserAsync("no-admin", ""","password":"eleven pale moths" """);
        Assert.That((bool)(await nobody.GetAsync(Path)).Body!["setup_required"]!, Is.True, "nobody of them can sign in as an admin");
        await server.Client.CreateUserAsync("first-admin", ""","platform_role":"admin","password":"eleven pale moths" """);
        var answer = await nobody.GetAsync(Path);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        var expected = new JsonObject
        {
            ["password"] = true,
            ["openid"] = new JsonObject { ["enabled"] = false, ["name"] = null },
            ["ldap"] = false,
            ["setup_required"] = false,
            ["version"] = typeof(SignInOptionsTests).Assembly.GetName().Version!.ToString(3),
            ["signed_in"] = false,
        };
        Assert.That(answer.Body!.ToJsonString(), Is.EqualTo(expected.ToJsonString()));
    }

    [TestCase(null, "id.corp.example")]
    [TestCase("Corporate account", "Corporate account")]
    public async Task Options_WithAnOpenIdProvider_NameIt(string? name, string expected)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AUTH_OIDC_ISSUER"] = "https://id.corp.example/realms/main",
            ["AUTH_OIDC_CLIENT_ID"] = "wombat",
            ["AUTH_OIDC_CLIENT_SECRET"] = "secret",
        };
        if (name is not null)
        {
            settings["AUTH_OIDC_NAME"] = name;
        }

        await using var server = await TestServer.StartAsync(settings);
        var openid = (await server.Client.GetAsync(Path)).Body!["openid"]!;
        Assert.That(((bool)openid["enabled"]!, (string?)openid["name"]), Is.EqualTo((true, expected)));
    }
}
