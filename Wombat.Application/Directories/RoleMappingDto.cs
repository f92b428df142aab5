using Wombat.Domain.Members;

namespace Wombat.Application.Directories;

/// <summary>A group whose members get a role.</summary>
/// <param name="Source">Where the group comes from.</param>
/// <param name="Group">The name of the group.</param>
/// <param name="Admin">Whether its members are admins of the platform.</param>
/// <param name="ProjectUnixName">The unix_name of the project; null for admins.</param>
/// <param name="ProjectId">The project; null for admins, and while there is no such project.</param>
/// <param name="Role">The role in the project; null for admins.</param>
public sealed record RoleMappingDto(
    RoleMappingSource Source,
    string Group,
    bool Admin,
    string? ProjectUnixName,
    Guid? ProjectId,
    ProjectRole? Role
);
