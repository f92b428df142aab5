using Wombat.Domain.Members;

namespace Wombat.Domain.Directories;

/// <param name="IsAdmin">Whether a group gives the platform's admin role.</param>
/// <param name="Roles">By the project's unix_name.</param>
public sealed record Grants(bool IsAdmin, IReadOnlyDictionary<string, ProjectRole> Roles);
