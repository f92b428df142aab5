namespace Wombat.Application.Users;

/// <param name="Method">How the user signed in (password, ldap, oidc), or why the session ended.</param>
public sealed record SessionRecord(Guid SessionId, string? Method);
