using System.Text.Json.Serialization;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Application.Sessions;

/// <summary>A session of a user.</summary>
/// <param name="Current">Whether it is the session of this request.</param>
public sealed record SessionDto(
    Guid Id,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset ExpiresAt,
    string? Address,
    string? UserAgent,
    bool Current
);

/// <summary>The result of signing out.</summary>
/// <param name="ProviderLogoutUrl">The address that ends the session at the OpenID provider; null where there is none.</param>
public sealed record SignedOut(string? ProviderLogoutUrl);

/// <summary>The caller and the type of the credential.</summary>
/// <param name="Name">The login or the name of the service account.</param>
/// <param name="Through">The type of the credential, such as session or token.</param>
/// <param name="IsAdmin">Whether the caller is an admin of the platform.</param>
/// <param name="Scope">What the credential allows at most.</param>
/// <param name="RestrictedToProjectId">The only project that the credential reaches; null for all.</param>
/// <param name="User">The user; null for service accounts and the bootstrap admin token.</param>
/// <param name="CsrfToken">The value that requests of a session that change something send in X-CSRF-Token; absent for other credentials.</param>
public sealed record Identity(
    string Name,
    string Through,
    bool IsAdmin,
    TokenScope Scope,
    Guid? RestrictedToProjectId,
    UserDto? User,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CsrfToken = null
);

/// <param name="Cookie">For the browser alone; never in a body.</param>
public sealed record OpenedSession(string Cookie, DateTimeOffset ExpiresAt);

/// <param name="Method">By what the user proved who they are: password, ldap, oidc.</param>
public sealed record SessionRecord(Guid SessionId, string? Method);
