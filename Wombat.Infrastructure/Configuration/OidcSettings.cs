using Wombat.Domain.Directories;

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
