using Wombat.Domain.Directories;
using Wombat.Infrastructure.Identity.OpenId;

namespace Wombat.Infrastructure.Configuration;

/// <summary>The OpenID provider that people sign in by.</summary>
/// <param name="Issuer">As it publishes itself; its discovery document lies under it.</param>
/// <param name="LoginClaim">The claim that a new user's login is made of.</param>
/// <param name="GroupsClaim">The claim that names the user's groups, in the ID token or the userinfo.</param>
/// <param name="CreatesUsers">Whether whom it vouches for becomes a user.</param>
public sealed record OidcSettings(
    string Issuer,
    string ClientId,
    string ClientSecret,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Algorithms,
    string LoginClaim,
    string GroupsClaim,
    RoleMappings Mappings,
    bool CreatesUsers
)
{
    internal static OidcSettings? Read(SettingsReader reader)
    {
        if (reader.Text("auth.oidc.issuer") is not { } issuer)
        {
            return null;
        }

        return new OidcSettings(
            JwtSettings.Issuer(reader, "auth.oidc.issuer", issuer),
            reader.Text("auth.oidc.client_id") ?? reader.Report("auth.oidc.client_id", "is missing", ""),
            reader.Secret("auth.oidc.client_secret") ?? reader.Report("auth.oidc.client_secret_file", "is missing", ""),
            reader.List("auth.oidc.scopes") ?? ["openid", "profile", "email", "offline_access"],
            JwtSettings.ReadAlgorithms(reader, "auth.oidc.algorithms"),
            reader.Text("auth.oidc.login_claim") ?? "preferred_username",
            reader.Text("auth.oidc.groups_claim") ?? "groups",
            reader.Mappings("auth.oidc.roles"),
            reader.Flag("auth.oidc.create_users", otherwise: true)
        );
    }

    // Not what a record would print: that holds the secret.
    public override string ToString() => Issuer;
}

/// <summary>Whose signed tokens machines may bring.</summary>
public sealed record JwtSettings(IReadOnlyList<string> Issuers, IReadOnlyList<string> Audiences, IReadOnlyList<string> Algorithms)
{
    internal static JwtSettings? Read(SettingsReader reader)
    {
        var issuers = reader.List("auth.jwt.issuers") ?? [];
        var audiences = reader.List("auth.jwt.audiences") ?? [];
        var algorithms = ReadAlgorithms(reader, "auth.jwt.algorithms");
        return issuers.Count == 0 ? null
            : audiences.Count == 0
                ? throw reader.Wrong("auth.jwt.audiences", "is missing: tokens made for other services must not open this one")
            : new JwtSettings([.. issuers.Select(i => Issuer(reader, "auth.jwt.issuers", i))], audiences, algorithms);
    }

    internal static string Issuer(SettingsReader reader, string name, string url) =>
        ProviderHttp.IsSafe(url) ? url : throw reader.Wrong(name, $"must be https:// URLs, not '{url}'");

    internal static IReadOnlyList<string> ReadAlgorithms(SettingsReader reader, string name)
    {
        var algorithms = reader.List(name) ?? ["RS256", "PS256", "ES256"];
        return algorithms.FirstOrDefault(a => !JwtValidator.KnownAlgorithms.Contains(a, StringComparer.Ordinal)) is { } unknown
            ? throw reader.Wrong(name, $"knows {string.Join(", ", JwtValidator.KnownAlgorithms)}, not '{unknown}'")
            : algorithms;
    }
}
