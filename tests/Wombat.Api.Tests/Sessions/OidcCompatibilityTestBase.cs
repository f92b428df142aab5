using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>A server that trusts an OpenID provider with the deviations of real ones.</summary>
public abstract class OidcCompatibilityTestBase
{
    protected const string Client = "wombat";

    protected TestKeys Keys { get; private set; } = null!;
    protected TestKeys OtherKeys { get; private set; } = null!;
    protected HostileOidcProvider Provider { get; private set; } = null!;
    protected TestServer Server { get; private set; } = null!;

    protected WombatClient Admin => Server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        Keys = new TestKeys("q", withLeadingZero: true);
        OtherKeys = new TestKeys("q");
        Provider = await HostileOidcProvider.StartAsync(Keys);
        Provider.Discovery = document =>
        {
            document["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt");
            document["scopes_supported"] = new JsonArray("openid", "profile", "email");
            document["authorization_response_iss_parameter_supported"] = true;
        };
        Provider.Keys = set =>
        {
            var (rsa, ec) = (set[^2]!, set[^1]!);
            set.Insert(0, rsa.DeepClone());
            set.Insert(0, OtherKeys.Set(withPrivate: false)["keys"]![0]!.DeepClone());
            ec["x"] = System.Buffers.Text.Base64Url.EncodeToString(
                System.Buffers.Text.Base64Url.DecodeFromChars((string)ec["x"]!).AsSpan(1)
            );
        };
        Server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AUTH_OIDC_ISSUER"] = Provider.Issuer,
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
        await Server.DisposeAsync();
        await Provider.DisposeAsync();
        Keys.Dispose();
        OtherKeys.Dispose();
    }

    [SetUp]
    public void Reset()
    {
        (Provider.UserInfo, Provider.UserInfoStatus, Provider.UserInfoType) = ("", 404, "application/json");
        (Provider.RefreshToken, Provider.RefreshAnswer) = (null, (400, """{"error":"invalid_grant"}"""));
    }

    protected JsonObject Claims(string subject)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Provider.Issuer,
            ["sub"] = subject,
            ["aud"] = Client,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["preferred_username"] = subject,
            ["groups"] = new JsonArray(),
        };
    }

    protected static JsonObject With(JsonObject claims, string name, JsonNode value)
    {
        var copy = claims.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    protected async Task<Answer> SignInAsync(JsonObject claims, string algorithm = "RS256", string? iss = null, string returnTo = "/")
    {
        using var browser = new ScriptedBrowser();
        var begun = System.Web.HttpUtility.ParseQueryString(
            new Uri((await browser.GetAsync($"{Admin.Address}api/v1/session/oidc?return_to={returnTo}")).Location!).Query
        );
        Provider.IdToken = Keys.Sign(With(claims, "nonce", begun["nonce"]!), algorithm);
        return await browser.GetAsync(CallbackUrl(begun["state"], iss));
    }

    /// <param name="iss">The parameter of the issuer; null for the right one.</param>
    protected string CallbackUrl(string? state, string? iss = null) =>
        $"{Admin.Address}api/v1/session/oidc/callback?code=any&state={state}" + (iss ?? $"&iss={Uri.EscapeDataString(Provider.Issuer)}");

    protected Task<string?> RolesAsync(string login) =>
        Server.ScalarAsync<string>(
            "select u.platform_role || ' ' || coalesce(string_agg(m.role, ' '), '') from users u left join members m "
                + $"on m.user_id = u.id where u.login = '{login}' group by u.platform_role"
        );

    protected Task<string?> ReasonAsync() =>
        Server.ScalarAsync<string>("select after->>'reason' from events where action = 'request.refused' order by id desc limit 1");
}
