using Wombat.Domain.Members;

namespace Wombat.Domain.Directories;

/// <summary>The role mappings of all groups. If several groups of a user map to one project, the highest role applies.</summary>
public sealed class RoleMappings(IReadOnlyList<RoleMapping> all)
{
    private readonly ILookup<string, RoleMapping> byGroup = all.ToLookup(m => m.Group, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<RoleMapping> All => all;

    /// <summary>Whether a group maps to the admin role. If not, admins are managed by hand.</summary>
    public bool DecideAdmins { get; } = all.Any(m => m.Project is null);

    /// <summary>The unix_names of the projects in the mappings.</summary>
    public IReadOnlySet<string> Projects { get; } =
        all.Where(m => m.Project is not null).Select(m => m.Project!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The names of the mapped groups, normalized.</summary>
    public IReadOnlyList<string> Groups { get; } = [.. all.Select(m => m.Group).Distinct(StringComparer.OrdinalIgnoreCase)];

    public Grants Of(IEnumerable<string> groups)
    {
        var (isAdmin, roles) = (false, new Dictionary<string, ProjectRole>(StringComparer.Ordinal));
        foreach (var mapping in groups.SelectMany(g => byGroup[g]))
        {
            if (mapping.Project is not { } project)
            {
                isAdmin = true;
            }
            else if (!roles.TryGetValue(project, out var role) || role < mapping.Role)
            {
                roles[project] = mapping.Role;
            }
        }

        return new Grants(isAdmin, roles);
    }
}
