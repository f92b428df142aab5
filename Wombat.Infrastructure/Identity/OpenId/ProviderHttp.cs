using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>Calls to OpenID providers: bounded in time and size, following no redirect. Loopback alone may go without TLS.</summary>
public sealed class ProviderHttp : IDisposable
{
    private const int MaxAnswer = 1024 * 1024;

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxAnswer,
    };

    public static bool IsSafe(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);

    /// <exception cref="UnavailableException">No JSON object came.</exception>
    public async Task<JsonElement> GetAsync(string url, string? bearer, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        var (status, body) = await SendAsync(request, cancel);
        return status == HttpStatusCode.OK && body is { } json ? json : throw Unavailable(url, status == HttpStatusCode.OK ? "answers with what is no JSON object" : $"answers {(int)status}");
    }

    /// <summary>A form by the client's name and secret (RFC 6749, 2.3.1). The answer may be an error of the provider's.</summary>
    /// <exception cref="UnavailableException">It does not answer, or with 5xx or 429.</exception>
    public async Task<(HttpStatusCode Status, JsonElement? Body)> PostAsync(string url, string client, string secret, IReadOnlyDictionary<string, string> form, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(client)}:{WebUtility.UrlEncode(secret)}")));
        var answer = await SendAsync(request, cancel);
        return answer.Status is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests ? throw Unavailable(url, $"answers {(int)answer.Status}") : answer;
    }

    public void Dispose() => http.Dispose();

    private async Task<(HttpStatusCode Status, JsonElement? Body)> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            using var response = await http.SendAsync(request, cancel);
            return (response.StatusCode, ProviderJson.Parse(await response.Content.ReadAsByteArrayAsync(cancel)));
        }
        catch (Exception e) when (e is HttpRequestException || e is TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw Unavailable(request.RequestUri!.ToString(), "does not answer");
        }
    }

    private static UnavailableException Unavailable(string url, string how) =>
        new("provider_unavailable", $"The OpenID provider at {new Uri(url).GetLeftPart(UriPartial.Authority)} {how}. Try again later.");
}
