namespace Wombat.Application.Users;

/// <summary>An identity of a user at an OpenID provider, at a token issuer, or in the LDAP directory.</summary>
/// <param name="Issuer">The URL of the issuer, or ldap.</param>
/// <param name="Subject">The user's id there.</param>
public sealed record IdentityDto(string Issuer, string Subject, DateTimeOffset CreatedAt);
