namespace Wombat.Domain.Access;

/// <summary>The permissions that messages require, in the API in snake_case, such as <c>project_read</c>. <see cref="PermissionMatrix"/> defines who has which.</summary>
public enum Permission
{
    ProjectRead,
    ProjectCreate,
    ProjectUpdate,
    ProjectDelete,
    MemberRead,
    MemberManage,
    ProjectTokenManage,
    ContainerRead,
    ContainerCreate,
    ContainerOperate,
    ContainerDelete,
    ContainerForget,
    ContainerKeyRead,
    JobRead,
    JobOperate,
    JobManage,
    EventRead,
    PluginRead,
    UserRead,
    UserManage,
    AccountRead,
    AccountManage,
    MetricsRead,
    SignIn,
    IdentityRead,
    AuditVerify,
}
