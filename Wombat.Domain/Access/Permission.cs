namespace Wombat.Domain.Access;

/// <summary>What a message needs of its caller. The API names them in snake_case, such as <c>project_read</c>; <see cref="PermissionMatrix"/> says who has which.</summary>
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
