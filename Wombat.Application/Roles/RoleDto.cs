namespace Wombat.Application.Roles;

/// <summary>A role with what it allows.</summary>
/// <param name="Name">The name, such as developer.</param>
/// <param name="OfProject">Whether members have it in a project; otherwise it is a role on the platform.</param>
/// <param name="Permissions">What it allows. A token allows the part of it that its scope includes.</param>
public sealed record RoleDto(string Name, bool OfProject, IReadOnlyList<RolePermissionDto> Permissions);
