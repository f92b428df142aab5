using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wombat.TestSupport;

/// <summary>An OpenID provider that answers with whatever ID token a test makes up; no real one would.</summary>
public sealed class LyingProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private int keyFetches;

    private LyingProvider(WebApplication app, string issuer) => (this.app, Issuer) = (app, issuer);

    public string Issuer { get; }

    /// <summary>What the token endpoint gives.</summary>
    public string IdToken { get; set; } = "";

    /// <summary>What the token endpoint says instead, made of <see cref="IdToken"/>; null for a true answer.</summary>
    public Func<string, string>? TokenAnswer { get; set; }

    public int TokenStatus { get; set; } = 200;

    /// <summary>What the userinfo endpoint says, whatever it is.</summary>
    public string UserInfo { get; set; } = "";

    /// <summary>How often the keys were asked for.</summary>
    public int KeyFetches => keyFetches;

    public static async Task<LyingProvider> StartAsync(TestKeys keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort.Next();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var issuer = $"http://127.0.0.1:{port}";
        var app = builder.Build();
        var provider = new LyingProvider(app, issuer);
        app.MapGet("/.well-known/openid-configuration", () => Json(new JsonObject { ["issuer"] = issuer, ["authorization_endpoint"] = $"{issuer}/auth", ["token_endpoint"] = $"{issuer}/token", ["userinfo_endpoint"] = $"{issuer}/userinfo", ["jwks_uri"] = $"{issuer}/jwks" }));
        app.MapGet("/jwks", () =>
        {
            Interlocked.Increment(ref provider.keyFetches);
            var set = keys.Set(withPrivate: false);
            foreach (var rubbish in new[] { "null", "7", "\"key\"", "[]", "{}", """{"kty":["RSA"]}""", """{"kty":"RSA","n":"!!","e":""}""", """{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""" })
            {
                set["keys"]!.AsArray().Insert(0, JsonNode.Parse(rubbish));
            }

            return Json(set);
        });
        app.MapPost("/token", () => Results.Text(provider.TokenAnswer?.Invoke(provider.IdToken) ?? TrueAnswer(provider.IdToken), "application/json", statusCode: provider.TokenStatus));
        app.MapGet("/userinfo", () => Results.Text(provider.UserInfo, "application/json"));
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static string TrueAnswer(string idToken) => new JsonObject { ["token_type"] = "Bearer", ["access_token"] = "opaque", ["id_token"] = idToken }.ToJsonString();

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");
}
