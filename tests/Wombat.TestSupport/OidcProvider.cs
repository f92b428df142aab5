using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>The npm package oidc-provider as a process.</summary>
public sealed class OidcProvider : IAsyncDisposable
{
    private readonly TestFolder folder = new();
    private readonly string file;
    private readonly JsonObject config;
    private PeerProcess? process;

    private OidcProvider(int port, int wombat)
    {
        (Port, file) = (port, Path.Combine(folder.Path, "provider.json"));
        config = new JsonObject
        {
            ["redirectUri"] = $"http://127.0.0.1:{wombat}/api/v1/session/oidc/callback",
            ["postLogoutUri"] = $"http://127.0.0.1:{wombat}/",
            ["logoutUri"] = $"http://127.0.0.1:{wombat}/api/v1/session/oidc/backchannel-logout",
            ["accessTokenTtl"] = 5,
            ["accounts"] = new JsonObject(),
        };
    }

    public int Port { get; }

    public string Issuer => $"http://127.0.0.1:{Port}";

    /// <param name="wombat">The port of Wombat.</param>
    public static async Task<OidcProvider> StartAsync(int wombat, TestKeys keys)
    {
        var provider = new OidcProvider(FreePort.Next(), wombat);
        await provider.RestartAsync(keys);
        return provider;
    }

    /// <summary>Restarts it with these keys only.</summary>
    public async Task RestartAsync(TestKeys keys)
    {
        await StopAsync();
        config["jwks"] = keys.Set(withPrivate: true);
        await SaveAsync();
        process = await PeerProcess.StartAsync(
            Port,
            "node",
            Path.Combine(WombatProcess.RepositoryRoot(), "tests", "oidc-provider", "provider.mjs"),
            Port.ToString(),
            file
        );
    }

    public async Task StopAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
            process = null;
        }
    }

    public async Task SetAccountAsync(string subject, string login, params string[] groups)
    {
        config["accounts"]![subject] = new JsonObject
        {
            ["preferred_username"] = login,
            ["email"] = $"{login}@example.org",
            ["name"] = $"Name of {login}",
            ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
        };
        await SaveAsync();
    }

    public async Task RemoveAccountAsync(string subject)
    {
        config["accounts"]!.AsObject().Remove(subject);
        await SaveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    // Atomically, since the provider may read the file at any moment.
    private async Task SaveAsync()
    {
        await File.WriteAllTextAsync(file + ".new", config.ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }
}
