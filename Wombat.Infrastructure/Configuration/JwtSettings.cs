namespace Wombat.Infrastructure.Configuration;

/// <summary>The issuers whose signed tokens are accepted from machines.</summary>
public sealed record JwtSettings(IReadOnlyList<string> Issuers, IReadOnlyList<string> Audiences, IReadOnlyList<string> Algorithms)
{
    /// <summary>What can be allowed by configuration: asymmetric algorithms only.</summary>
    public static readonly IReadOnlyList<string> SupportedAlgorithms =
    [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
    ];

    /// <summary>Whether a provider may be asked there: https, or http on loopback.</summary>
    public static bool IsAllowedUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);

    internal static JwtSettings? Read(SettingsReader reader)
    {
        var issuers = reader.List("auth.jwt.issuers") ?? [];
        var audiences = reader.List("auth.jwt.audiences") ?? [];
        var algorithms = ReadAlgorithms(reader, "auth.jwt.algorithms");
        return issuers.Count == 0 ? null
            : audiences.Count == 0
                ? throw reader.Wrong("auth.jwt.audiences", "is required, so that tokens for other services are not accepted")
            : new JwtSettings([.. issuers.Select(i => Issuer(reader, "auth.jwt.issuers", i))], audiences, algorithms);
    }

    internal static string Issuer(SettingsReader reader, string name, string url) =>
        IsAllowedUrl(url) ? url : throw reader.Wrong(name, $"must be an https:// URL, not '{url}'");

    internal static IReadOnlyList<string> ReadAlgorithms(SettingsReader reader, string name)
    {
        var algorithms = reader.List(name) ?? ["RS256", "PS256", "ES256"];
        return algorithms.FirstOrDefault(a => !SupportedAlgorithms.Contains(a, StringComparer.Ordinal)) is { } unknown
            ? throw reader.Wrong(name, $"knows {string.Join(", ", SupportedAlgorithms)}, not '{unknown}'")
            : algorithms;
    }
}
