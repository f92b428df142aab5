using Wombat.Domain.Members;

namespace Wombat.Domain.Directories;

/// <param name="IsAdmin">Whether a group of the user maps to the admin role.</param>
/// <param name="Roles">The roles by unix_name of the project.</param>
public sealed record Grants(bool IsAdmin, IReadOnlyDictionary<string, ProjectRole> Roles);
