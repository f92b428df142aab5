using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Wombat.TestSupport;

/// <summary>The real oidc-provider as a process, and a person who signs in there by hand of a script.</summary>
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

    /// <param name="wombat">The port of the Wombat that people come from.</param>
    public static async Task<OidcProvider> StartAsync(int wombat, TestKeys keys)
    {
        var provider = new OidcProvider(FreePort.Next(), wombat);
        await provider.RestartAsync(keys);
        return provider;
    }

    /// <summary>Ends it and starts it again with these keys alone.</summary>
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

    // In one move: the provider may read it at any moment.
    private async Task SaveAsync()
    {
        await File.WriteAllTextAsync(file + ".new", config.ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }
}

/// <summary>A browser without a screen: keeps cookies by host, follows redirects one by one.</summary>
public sealed partial class ScriptedBrowser : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;

    public ScriptedBrowser() => http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies });

    /// <summary>The names of the cookies that it keeps for a site.</summary>
    public IEnumerable<string> Cookies(Uri site) => cookies.GetCookies(site).Select(c => c.Name);

    /// <summary>Begins a sign-in at Wombat and stops at the address of the return, with the code.</summary>
    public async Task<string> SignInUntilReturnAsync(Uri wombat, string subject, string returnTo = "/docs")
    {
        var next = new Uri(wombat, $"/api/v1/session/oidc?return_to={Uri.EscapeDataString(returnTo)}");
        for (var step = 0; step < 20; step++)
        {
            using var response = await http.GetAsync(next);
            if (response.Headers.Location is { } location)
            {
                next = new Uri(next, location);
                if (next.AbsolutePath.EndsWith("/oidc/callback", StringComparison.Ordinal))
                {
                    return next.ToString();
                }

                continue;
            }

            var page = await response.Content.ReadAsStringAsync();
            var prompt = Prompt().Match(page) is { Success: true } match
                ? match.Groups["prompt"].Value
                : throw new InvalidOperationException($"No prompt at {next}: {(int)response.StatusCode} {page}");
            using var form = new FormUrlEncodedContent(
                prompt == "login"
                    ? new Dictionary<string, string>
                    {
                        ["prompt"] = "login",
                        ["login"] = subject,
                        ["password"] = "any",
                    }
                    : new() { ["prompt"] = "consent" }
            );
            using var answer = await http.PostAsync(next, form);
            next = new Uri(
                next,
                answer.Headers.Location ?? throw new InvalidOperationException($"No redirect: {await answer.Content.ReadAsStringAsync()}")
            );
        }

        throw new InvalidOperationException("Too many steps.");
    }

    /// <summary>Loads an address without following where it sends.</summary>
    public async Task<Answer> GetAsync(string url)
    {
        using var response = await http.GetAsync(new Uri(url));
        return await Answer.OfAsync(response);
    }

    /// <summary>Posts the form that a page holds, as its button would.</summary>
    public async Task<Answer> SubmitAsync(string url, IReadOnlyDictionary<string, string> fields)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var response = await http.PostAsync(new Uri(url), form);
        return await Answer.OfAsync(response);
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("name=\"prompt\" value=\"(?<prompt>login|consent)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Prompt();
}
