using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wombat.TestSupport;

/// <summary>An OpenID provider that returns any ID token and any response that a test sets.</summary>
public sealed class HostileOidcProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private int keyFetches;

    private HostileOidcProvider(WebApplication app, string issuer) => (this.app, Issuer) = (app, issuer);

    public string Issuer { get; }

    /// <summary>The ID token of the token endpoint.</summary>
    public string IdToken { get; set; } = "";

    /// <summary>The response of the token endpoint, made from <see cref="IdToken"/>; null for a regular one.</summary>
    public Func<string, string>? TokenAnswer { get; set; }

    public int TokenStatus { get; set; } = 200;

    /// <summary>The response of the userinfo endpoint.</summary>
    public string UserInfo { get; set; } = "";

    public int UserInfoStatus { get; set; } = 200;

    public string UserInfoType { get; set; } = "application/json";

    /// <summary>Changes the discovery document.</summary>
    public Action<JsonObject>? Discovery { get; set; }

    /// <summary>Changes the key set.</summary>
    public Action<JsonArray>? Keys { get; set; }

    /// <summary>The refresh token in the response; null for none.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>The response of the token endpoint to a refresh token.</summary>
    public (int Status, string Body) RefreshAnswer { get; set; } = (400, """{"error":"invalid_grant"}""");

    /// <summary>The number of refresh requests.</summary>
    public int Refreshes { get; private set; }

    /// <summary>The last form of the token endpoint, and the scheme of its Authorization header.</summary>
    public (Dictionary<string, string> Form, string? Scheme) TokenRequest { get; private set; } = ([], null);

    /// <summary>The number of requests for the key set.</summary>
    public int KeyFetches => keyFetches;

    public static async Task<HostileOidcProvider> StartAsync(TestKeys keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort.Next();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var issuer = $"http://127.0.0.1:{port}";
        var app = builder.Build();
        var provider = new HostileOidcProvider(app, issuer);
        app.MapGet(
            "/.well-known/openid-configuration",
            () =>
            {
                var document = new JsonObject
                {
                    ["issuer"] = issuer,
                    ["authorization_endpoint"] = $"{issuer}/auth",
                    ["token_endpoint"] = $"{issuer}/token",
                    ["userinfo_endpoint"] = $"{issuer}/userinfo",
                    ["jwks_uri"] = $"{issuer}/jwks",
                };
                provider.Discovery?.Invoke(document);
                return Json(document);
            }
        );
        app.MapGet(
            "/jwks",
            () =>
            {
                Interlocked.Increment(ref provider.keyFetches);
                var set = keys.Set(withPrivate: false);
                foreach (
                    var rubbish in new[]
                    {
                        "null",
                        "7",
                        "\"key\"",
                        "[]",
                        "{}",
                        """{"kty":["RSA"]}""",
                        """{"kty":"RSA","n":"!!","e":""}""",
                        """{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""",
                    }
                )
                {
                    set["keys"]!.AsArray().Insert(0, JsonNode.Parse(rubbish));
                }

                provider.Keys?.Invoke(set["keys"]!.AsArray());
                return Json(set);
            }
        );
        app.MapPost("/token", provider.AnswerTokenAsync);
        app.MapGet("/userinfo", () => Results.Text(provider.UserInfo, provider.UserInfoType, statusCode: provider.UserInfoStatus));
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task<IResult> AnswerTokenAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var fields = System.Web.HttpUtility.ParseQueryString(await reader.ReadToEndAsync());
        var form = fields.AllKeys.OfType<string>().ToDictionary(k => k, k => fields[k]!, StringComparer.Ordinal);
        TokenRequest = (form, request.Headers.Authorization.FirstOrDefault()?.Split(' ')[0]);
        if (form.GetValueOrDefault("grant_type") == "refresh_token")
        {
            Refreshes++;
            return Results.Text(RefreshAnswer.Body, "application/json", statusCode: RefreshAnswer.Status);
        }

        return Results.Text(TokenAnswer?.Invoke(IdToken) ?? TrueAnswer(), "application/json", statusCode: TokenStatus);
    }

    private string TrueAnswer()
    {
        var answer = new JsonObject
        {
            ["token_type"] = "Bearer",
            ["access_token"] = "opaque",
            ["id_token"] = IdToken,
        };
        if (RefreshToken is not null)
        {
            answer["refresh_token"] = RefreshToken;
        }

        return answer.ToJsonString();
    }

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");
}
