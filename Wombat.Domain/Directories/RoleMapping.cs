using System.Diagnostics.CodeAnalysis;
using Wombat.Domain.Members;

namespace Wombat.Domain.Directories;

/// <summary>Maps a group of a directory or provider to the admin role or to a role in a project.</summary>
/// <param name="Group">The name of the group; compared case-insensitively.</param>
/// <param name="Project">The project's unix_name; null for the platform's admin role.</param>
/// <param name="Role">The role in the project.</param>
public sealed record RoleMapping(string Group, string? Project, ProjectRole Role)
{
    private const string Arrow = "->";

    /// <summary>Parses <c>GROUP -> admin</c> or <c>GROUP -> PROJECT:ROLE</c>.</summary>
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
