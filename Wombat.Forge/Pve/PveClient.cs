using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>A client for the REST API of Proxmox VE with token authentication and certificate verification.</summary>
internal sealed class PveClient : IDisposable
{
    private const int MaxAttempts = 12;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(35);

    private readonly HttpClient http;

    public PveClient(PveSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = TlsOptions(settings),
        };
        http = new HttpClient(handler) { BaseAddress = settings.Url, Timeout = RequestTimeout };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"PVEAPIToken={settings.Token}");
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancel, params (string Name, string Value)[] query) =>
        SendWithRetryAsync(HttpMethod.Get, WithQuery(path, query), null, cancel);

    public Task<JsonElement> PostAsync(string path, IReadOnlyDictionary<string, string> parameters, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, path, parameters, cancel);

    public Task<JsonElement> PutAsync(string path, IReadOnlyDictionary<string, string> parameters, CancellationToken cancel) =>
        SendWithRetryAsync(HttpMethod.Put, path, parameters, cancel);

    public Task<JsonElement> DeleteAsync(string path, CancellationToken cancel, params (string Name, string Value)[] query) =>
        SendAsync(HttpMethod.Delete, WithQuery(path, query), null, cancel);

    public void Dispose() => http.Dispose();

    // GET and PUT are idempotent. Callers of POST and DELETE check the result of the last attempt before they retry.
    private async Task<JsonElement> SendWithRetryAsync(
        HttpMethod method,
        string path,
        IReadOnlyDictionary<string, string>? parameters,
        CancellationToken cancel
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendAsync(method, path, parameters, cancel);
            }
            catch (PveException e) when (e is { Failure: PveFailure.NoResponse, InnerException: null } && attempt < MaxAttempts)
            {
                await Task.Delay(PveGuests.RetryDelay, cancel);
            }
        }
    }

    private async Task<JsonElement> SendAsync(
        HttpMethod method,
        string path,
        IReadOnlyDictionary<string, string>? parameters,
        CancellationToken cancel
    )
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = parameters is null ? null : new FormUrlEncodedContent(parameters),
        };
        try
        {
            using var response = await http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            return response.IsSuccessStatusCode
                ? ReadData(text)
                : throw PveException.FromResponse((int)response.StatusCode, Message(response.ReasonPhrase, text));
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new PveException(
                PveFailure.NotAuthorized,
                $"the certificate of {http.BaseAddress!.Host} is not trusted; set FORGE_PVE_CA_FILE or FORGE_PVE_FINGERPRINT",
                e
            );
        }
        catch (HttpRequestException e)
        {
            throw new PveException(
                e.HttpRequestError == HttpRequestError.ConnectionError ? PveFailure.Unreachable : PveFailure.NoResponse,
                $"no response: {e.Message}",
                e
            );
        }
        catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new PveException(PveFailure.NoResponse, $"no response within {RequestTimeout.TotalSeconds:F0} s", e);
        }
    }

    private static JsonElement ReadData(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("data").Clone();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new PveException(PveFailure.NoResponse, "invalid response", e);
        }
    }

    // Newer versions put the message in the body, older ones only in the reason phrase; 400 names the parameters.
    private static string Message(string? reason, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var message =
                root.TryGetProperty("message", out var value) && value.ValueKind == JsonValueKind.String
                    ? value.GetString()!.Trim()
                    : reason ?? "";
            return root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
                ? $"{message} ({string.Join("; ", errors.EnumerateObject().Select(e => $"{e.Name}: {e.Value}"))})"
                : message;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An HTML page of a gateway, or an old version.
            return reason ?? "no error message";
        }
    }

    private static string WithQuery(string path, (string Name, string Value)[] query) =>
        query.Length == 0 ? path : $"{path}?{string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"))}";

    private static SslClientAuthenticationOptions TlsOptions(PveSettings settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings.Fingerprint is { } fingerprint)
        {
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is X509Certificate2 x
                && CryptographicOperations.FixedTimeEquals(SHA256.HashData(x.RawData), FromHex(fingerprint));
        }
        else if (settings.CaFile is { } file)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }

        return options;
    }

    private static byte[] FromHex(string text)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException e)
        {
            throw new ForgeException(ExitCode.Usage, "FORGE_PVE_FINGERPRINT: must be a SHA-256 hash in hexadecimal", e);
        }
    }
}
