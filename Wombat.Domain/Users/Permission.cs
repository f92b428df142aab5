namespace Wombat.Domain.Users;

/// <summary>What a message needs of its caller. The API names them in snake_case, such as <c>project_read</c>.</summary>
public enum Permission
{
    ProjectRead,
    ProjectCreate,
    ProjectUpdate,
    ProjectDelete,
    ContainerRead,
    ContainerCreate,
    ContainerOperate,
    ContainerDelete,
    JobRead,
    JobOperate,
    EventRead,
    PluginRead,
    MetricsRead,
}
