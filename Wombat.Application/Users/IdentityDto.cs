namespace Wombat.Application.Users;

/// <summary>Who a user is at an OpenID provider, at an issuer of machines' tokens, or in the LDAP directory.</summary>
public sealed record IdentityDto(string Issuer, string Subject, DateTimeOffset CreatedAt);
