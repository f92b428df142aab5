using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>A server that trusts an OpenID provider, which returns whatever a test tells it to.</summary>
public abstract class HostileProviderTestBase
{
    protected const string Audience = "wombat-api";
    protected const string Client = "wombat";

    protected TestKeys Keys { get; private set; } = null!;
    protected TestKeys OtherKeys { get; private set; } = null!;
    protected HostileOidcProvider Provider { get; private set; } = null!;
    protected TestServer Server { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        Keys = new TestKeys("k");
        OtherKeys = new TestKeys("k");
        Provider = await HostileOidcProvider.StartAsync(Keys);
        Server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AUTH_OIDC_ISSUER"] = Provider.Issuer,
                ["AUTH_OIDC_CLIENT_ID"] = Client,
                ["AUTH_OIDC_CLIENT_SECRET"] = "irrelevant here",
                ["AUTH_JWT_ISSUERS"] = Provider.Issuer,
                ["AUTH_JWT_AUDIENCES"] = Audience,
            }
        );
        var user = await Server.Client.CreateUserAsync("machine");
        await Server.Client.PostAsync($"/api/v1/users/{user}/identities", $$"""{"issuer":"{{Provider.Issuer}}","subject":"machine"}""");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Server.DisposeAsync();
        await Provider.DisposeAsync();
        Keys.Dispose();
        OtherKeys.Dispose();
    }

    protected JsonObject Claims(string audience)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Provider.Issuer,
            ["sub"] = "machine",
            ["aud"] = audience,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["groups"] = new JsonArray(),
        };
    }

    protected static JsonObject With(JsonObject claims, string name, JsonNode value)
    {
        var copy = claims.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    protected static JsonObject Without(JsonObject claims, string name)
    {
        var copy = claims.DeepClone().AsObject();
        copy.Remove(name);
        return copy;
    }

    protected async Task<Answer> SignInAsync(Func<string, string> idToken, string more = "")
    {
        using var browser = new ScriptedBrowser();
        var begun = await browser.GetAsync($"{Server.Client.Address}api/v1/session/oidc");
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(begun.Location!).Query);
        Assert.That((query["code_challenge_method"], query["response_type"], query["client_id"]), Is.EqualTo(("S256", "code", Client)));
        Provider.IdToken = idToken(query["nonce"]!);
        return await browser.GetAsync($"{Server.Client.Address}api/v1/session/oidc/callback?code=any&state={query["state"]}{more}");
    }

    protected Task<long> RefusalsAsync() =>
        Server.ScalarAsync<long>("select count(*) from events where action = 'request.refused' and after->>'reason' is not null")!;
}
