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
        app.MapGet("/.well-known/openid-configuration", () => Json(new JsonObject { ["issuer"] = issuer, ["authorization_endpoint"] = $"{issuer}/auth", ["token_endpoint"] = $"{issuer}/token", ["jwks_uri"] = $"{issuer}/jwks" }));
        app.MapGet("/jwks", () =>
        {
            Interlocked.Increment(ref provider.keyFetches);
            return Json(keys.Set(withPrivate: false));
        });
        app.MapPost("/token", () => Json(new JsonObject { ["token_type"] = "Bearer", ["access_token"] = "opaque", ["id_token"] = provider.IdToken }));
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");
}
