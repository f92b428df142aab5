using System.Net;
using System.Text.RegularExpressions;

namespace Wombat.TestSupport;

/// <summary>Acts as a browser: keeps cookies by host and follows redirects one by one.</summary>
public sealed partial class ScriptedBrowser : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;

    public ScriptedBrowser() => http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies });

    /// <summary>The names of the cookies of a site.</summary>
    public IEnumerable<string> Cookies(Uri site) => cookies.GetCookies(site).Select(c => c.Name);

    /// <summary>Begins a sign-in at Wombat and returns the callback URL with the code.</summary>
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

    /// <summary>Requests a URL without following redirects.</summary>
    public async Task<Answer> GetAsync(string url)
    {
        using var response = await http.GetAsync(new Uri(url));
        return await Answer.OfAsync(response);
    }

    /// <summary>Submits a form.</summary>
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
