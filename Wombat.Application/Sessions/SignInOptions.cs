namespace Wombat.Application.Sessions;

/// <summary>How users sign in here.</summary>
/// <param name="Password">Whether a login and a password open a session (POST /api/v1/session).</param>
/// <param name="Openid">Whether the OpenID provider opens one (GET /api/v1/session/oidc).</param>
/// <param name="Ldap">Whether the password may be that of the LDAP directory.</param>
/// <param name="SetupRequired">Whether no admin can sign in yet, so that the admin token must create one.</param>
/// <param name="Version">The version of Wombat.</param>
public sealed record SignInOptions(bool Password, OpenIdOption Openid, bool Ldap, bool SetupRequired, string Version)
{
    /// <summary>Whether the cookie of this request belongs to an open session.</summary>
    public bool SignedIn { get; init; }
}
