using Wombat.Domain.Directories;

namespace Wombat.Infrastructure.Configuration;

/// <summary>The OpenID provider for sign-in.</summary>
/// <param name="Issuer">The issuer URL as the provider publishes it; the base of the discovery document.</param>
/// <param name="Name">The name on the button of the sign-in page.</param>
/// <param name="LoginClaim">The claim from which a new user's login is derived.</param>
/// <param name="GroupsClaim">The claim with the user's groups, in the ID token or the userinfo.</param>
/// <param name="CreatesUsers">Whether a first sign-in creates a user.</param>
public sealed record OidcSettings(
    string Issuer,
    string Name,
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
            reader.Text("auth.oidc.name") ?? (Uri.TryCreate(issuer, UriKind.Absolute, out var address) ? address.Host : issuer),
            reader.Text("auth.oidc.client_id") ?? reader.Report("auth.oidc.client_id", "is required", ""),
            reader.Secret("auth.oidc.client_secret") ?? reader.Report("auth.oidc.client_secret_file", "is required", ""),
            reader.List("auth.oidc.scopes") ?? ["openid", "profile", "email", "offline_access"],
            JwtSettings.ReadAlgorithms(reader, "auth.oidc.algorithms"),
            reader.Text("auth.oidc.login_claim") ?? "preferred_username",
            reader.Text("auth.oidc.groups_claim") ?? "groups",
            reader.Mappings("auth.oidc.roles"),
            reader.Flag("auth.oidc.create_users", defaultValue: true)
        );
    }

    // A record's default ToString would print the secret.
    public override string ToString() => Issuer;
}
