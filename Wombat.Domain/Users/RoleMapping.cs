using System.Diagnostics.CodeAnalysis;
using Wombat.Domain.Projects;

namespace Wombat.Domain.Users;

/// <summary>What a group of a directory or provider gives: the platform's admin role, or a role in a project.</summary>
/// <param name="Group">As the directory names it; compared without case.</param>
/// <param name="Project">The project's unix_name; null for the platform's admin role.</param>
/// <param name="Role">The role in the project.</param>
public sealed record RoleMapping(string Group, string? Project, ProjectRole Role)
{
    private const string Arrow = "->";

    /// <summary>Reads <c>GROUP -> admin</c> or <c>GROUP -> PROJECT:ROLE</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RoleMapping? mapping)
    {
        mapping = null;
        var arrow = text.LastIndexOf(Arrow, StringComparison.Ordinal);
        if (arrow < 1 || text[..arrow].Trim() is not { Length: > 0 } group)
        {
            return false;
        }

        var right = text[(arrow + Arrow.Length)..].Trim();
        if (right == "admin")
        {
            mapping = new RoleMapping(group, Project: null, ProjectRole.ProjectManager);
            return true;
        }

        var role = right.Split(':') is [var project, var word] && project.Length > 0 ? (project, Role: RoleOf(word)) : default;
        mapping = role.Role is { } known ? new RoleMapping(group, role.project, known) : null;
        return mapping is not null;
    }

    private static ProjectRole? RoleOf(string word) =>
        word switch
        {
            "viewer" => ProjectRole.Viewer,
            "developer" => ProjectRole.Developer,
            "project_manager" => ProjectRole.ProjectManager,
            _ => null,
        };
}

/// <summary>What all groups of a user give together: the highest role where several speak of one project.</summary>
public sealed class RoleMappings(IReadOnlyList<RoleMapping> all)
{
    private readonly ILookup<string, RoleMapping> byGroup = all.ToLookup(m => m.Group, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether groups decide who is an admin. Where none does, that stays with people.</summary>
    public bool DecideAdmins { get; } = all.Any(m => m.Project is null);

    /// <summary>The unix_names of the projects whose roles groups give.</summary>
    public IReadOnlySet<string> Projects { get; } =
        all.Where(m => m.Project is not null).Select(m => m.Project!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The groups that give something, as they are compared.</summary>
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

/// <param name="IsAdmin">Whether a group gives the platform's admin role.</param>
/// <param name="Roles">By the project's unix_name.</param>
public sealed record Grants(bool IsAdmin, IReadOnlyDictionary<string, ProjectRole> Roles);
