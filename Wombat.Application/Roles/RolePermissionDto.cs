using Wombat.Domain.Access;

namespace Wombat.Application.Roles;

/// <summary>A permission that a role includes.</summary>
/// <param name="Name">The name, as a refusal tells it.</param>
/// <param name="Description">What it allows.</param>
/// <param name="Scope">The least scope of a token.</param>
/// <param name="Own">Whether it is limited to the caller's own account.</param>
public sealed record RolePermissionDto(string Name, string Description, TokenScope Scope, bool Own);
