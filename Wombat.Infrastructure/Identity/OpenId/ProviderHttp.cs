using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>HTTP client for OpenID providers: time and size are limited, redirects are not followed, TLS is required except for loopback.</summary>
public sealed class ProviderHttp : IDisposable
{
    private const int MaxResponseBytes = 1024 * 1024;

    private readonly HttpClient http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }
    )
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxResponseBytes,
    };

    /// <exception cref="ExternalSystemException">The response is not a JSON object with status 200.</exception>
    public async Task<JsonElement> GetAsync(string url, string? bearer, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        var (status, body) = await SendAsync(request, cancel);
        return status == HttpStatusCode.OK && body is { } json
            ? json
            : throw Unavailable(url, status == HttpStatusCode.OK ? "returned no JSON object" : $"returned status {(int)status}");
    }

    /// <summary>Returns the body of the userinfo endpoint: a JSON object, or a signed token if the content type is application/jwt.</summary>
    /// <exception cref="ExternalSystemException">The status is not 200.</exception>
    public async Task<(byte[] Body, bool IsToken)> GetUserInfoAsync(string url, string bearer, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        var answer = await SendRawAsync(request, cancel);
        return answer.Status == HttpStatusCode.OK
            ? (answer.Body, answer.MediaType?.Equals("application/jwt", StringComparison.OrdinalIgnoreCase) == true)
            : throw Unavailable(url, $"returned status {(int)answer.Status}");
    }

    /// <summary>Posts a form with the client's id and secret (RFC 6749, 2.3.1). The response may be an OAuth error.</summary>
    /// <param name="secretInBody">client_secret_post instead of client_secret_basic.</param>
    /// <exception cref="ExternalSystemException">The provider does not respond, or responds with 5xx or 429.</exception>
    public async Task<(HttpStatusCode Status, JsonElement? Body)> PostAsync(
        string url,
        OidcSettings client,
        bool secretInBody,
        IReadOnlyDictionary<string, string> form,
        CancellationToken cancel
    )
    {
        var (id, secret) = (client.ClientId, client.ClientSecret);
        var fields = secretInBody
            ? form.Append(KeyValuePair.Create("client_id", id)).Append(KeyValuePair.Create("client_secret", secret))
            : form;
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(fields) };
        if (!secretInBody)
        {
            var pair = $"{WebUtility.UrlEncode(id)}:{WebUtility.UrlEncode(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pair))
            );
        }

        var answer = await SendAsync(request, cancel);
        return answer.Status is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests
            ? throw Unavailable(url, $"returned status {(int)answer.Status}")
            : answer;
    }

    public void Dispose() => http.Dispose();

    private async Task<(HttpStatusCode Status, JsonElement? Body)> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var answer = await SendRawAsync(request, cancel);
        return (answer.Status, ProviderJson.Parse(answer.Body));
    }

    private async Task<(HttpStatusCode Status, string? MediaType, byte[] Body)> SendRawAsync(
        HttpRequestMessage request,
        CancellationToken cancel
    )
    {
        try
        {
            using var response = await http.SendAsync(request, cancel);
            return (
                response.StatusCode,
                response.Content.Headers.ContentType?.MediaType,
                await response.Content.ReadAsByteArrayAsync(cancel)
            );
        }
        catch (Exception e) when (e is HttpRequestException || e is TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw Unavailable(request.RequestUri!.ToString(), "does not respond");
        }
    }

    private static ExternalSystemException Unavailable(string url, string what) =>
        ExternalSystemException.Unavailable(
            ErrorCode.ProviderUnavailable,
            $"The OpenID provider at {new Uri(url).GetLeftPart(UriPartial.Authority)} {what}. Try again later."
        );
}
