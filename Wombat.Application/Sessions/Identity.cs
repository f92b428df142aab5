using System.Text.Json.Serialization;
using Wombat.Application.Users;
using Wombat.Domain.Access;

namespace Wombat.Application.Sessions;

/// <summary>The caller and the type of the credential.</summary>
/// <param name="Name">The login or the name of the service account.</param>
/// <param name="Through">The type of the credential, such as session or token.</param>
/// <param name="IsAdmin">Whether the caller is an admin of the platform.</param>
/// <param name="Scope">What the credential allows at most.</param>
/// <param name="RestrictedToProjectId">The only project that the credential reaches; null for all.</param>
/// <param name="User">The user; null for service accounts and the bootstrap admin token.</param>
/// <param name="CsrfToken">The value that requests of a session that change something send in X-CSRF-Token; absent for other
/// credentials.</param>
public sealed record Identity(
    string Name,
    string Through,
    bool IsAdmin,
    TokenScope Scope,
    Guid? RestrictedToProjectId,
    UserDto? User,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CsrfToken = null
);
