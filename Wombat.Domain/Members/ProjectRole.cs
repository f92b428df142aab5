namespace Wombat.Domain.Members;

/// <summary>A role in a project: viewer, developer or project_manager. Each includes the permissions of those before it.</summary>
public enum ProjectRole
{
    Viewer,
    Developer,
    ProjectManager,
}
