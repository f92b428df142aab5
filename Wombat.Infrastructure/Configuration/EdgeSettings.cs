using System.Net;
using Wombat.Application.Quotas;

namespace Wombat.Infrastructure.Configuration;

/// <param name="Limits">What one caller or address may use.</param>
/// <param name="TrustedProxies">Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.</param>
/// <param name="CorsOrigins">Origins whose pages may call the API from a browser.</param>
public sealed record EdgeSettings(RequestLimits Limits, IReadOnlyList<IPAddress> TrustedProxies, IReadOnlyList<string> CorsOrigins)
{
    internal static EdgeSettings Read(SettingsReader reader) =>
        new(
            new RequestLimits(
                reader.Number("rate_limit.requests_per_second", 2000, 0, 1_000_000),
                reader.Number("rate_limit.changes_per_second", 50, 0, 1_000_000),
                reader.Number("rate_limit.failures_per_second", 100, 0, 1_000_000),
                reader.Number("rate_limit.streams", 100, 0, 1_000_000),
                reader.Number("rate_limit.requests_in_flight", 50, 0, 1_000_000),
                reader.Number("rate_limit.expensive_requests", Math.Max(1, Environment.ProcessorCount / 2), 0, 1_000_000),
                reader.Number("rate_limit.connections", 1000, 0, 1_000_000)
            ),
            [.. (reader.List("trusted_proxies") ?? []).Select(p => ReadProxy(reader, p))],
            [.. (reader.List("cors.origins") ?? []).Select(o => ReadOrigin(reader, o))]
        );

    private static IPAddress ReadProxy(SettingsReader reader, string text) =>
        IPAddress.TryParse(text, out var proxy)
            ? proxy
            : reader.Report("trusted_proxies", $"must be IP addresses, not '{text}'", IPAddress.None);

    private static string ReadOrigin(SettingsReader reader, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == text
            ? text
            : reader.Report("cors.origins", $"must be origins such as https://wombat.example.org, not '{text}'", text);
}
