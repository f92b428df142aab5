using System.Text.Json.Serialization;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>A session in a list.</summary>
/// <param name="Current">Whether it is the one that asks.</param>
public sealed record SessionDto(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent, bool Current);

/// <param name="ProviderLogoutUrl">Where the browser goes to end its session at the OpenID provider too; null where there is none.</param>
public sealed record SignedOut(string? ProviderLogoutUrl);

/// <summary>Who asks, and by what.</summary>
/// <param name="Name">The login, or the name of a service account.</param>
/// <param name="Through">The kind of credential.</param>
/// <param name="User">Null for service accounts and the first admin's token.</param>
/// <param name="CsrfToken">What unsafe requests of a session carry in X-CSRF-Token; null for other credentials.</param>
public sealed record Identity(
    string Name, string Through, bool IsAdmin, TokenScope Scope, Guid? OnlyProject, UserDto? User, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CsrfToken = null);

/// <param name="Cookie">For the browser alone; never in a body.</param>
public sealed record OpenedSession(string Cookie, DateTimeOffset ExpiresAt);

/// <param name="Method">By what the user proved who they are: password, ldap, oidc.</param>
public sealed record SessionRecord(Guid SessionId, string? Method);
