namespace Wombat.Application.Users;

/// <param name="Method">By what the user proved who they are: password, ldap, oidc.</param>
public sealed record SessionRecord(Guid SessionId, string? Method);
