namespace Wombat.Domain.Access;

/// <summary>
/// The permissions that messages require, in the API in snake_case, such as <c>project_read</c>, each with the rule that says who has it.
/// </summary>
public enum Permission
{
    [PermissionRule(Audience.Viewer, TokenScope.Read, "see the project")]
    ProjectRead,

    [PermissionRule(Audience.SignedIn, TokenScope.Manage, "create a project and become its manager")]
    ProjectCreate,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "change the project")]
    ProjectUpdate,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "delete the project")]
    ProjectDelete,

    [PermissionRule(Audience.Viewer, TokenScope.Read, "see the members")]
    MemberRead,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "add and remove members, change their roles")]
    MemberManage,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "list, create and revoke the project's own tokens")]
    ProjectTokenManage,

    [PermissionRule(Audience.Viewer, TokenScope.Read, "see containers")]
    ContainerRead,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "create, restore and change a container, or plan one")]
    ContainerCreate,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "start, stop, restart, snapshot a container")]
    ContainerOperate,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "delete a container or a snapshot of it")]
    ContainerDelete,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "give up a container that cannot be deleted")]
    ContainerForget,

    [PermissionRule(Audience.Member, TokenScope.Read, "see which SSH keys open a container")]
    ContainerKeyRead,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "run a command in a container")]
    ContainerExec,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "open a console in a container")]
    ContainerConsole,

    [PermissionRule(Audience.Viewer, TokenScope.Read, "see databases, their backups and users, without passwords")]
    DatabaseRead,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "create, restore, resize and change a database, or plan it")]
    DatabaseCreate,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "freeze, unfreeze, restart, back up a database")]
    DatabaseOperate,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "read and rotate the credentials of a database")]
    DatabaseCredentials,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "create and remove users of a database")]
    DatabaseUserManage,

    [PermissionRule(Audience.Developer, TokenScope.Manage, "delete a database, and undelete it")]
    DatabaseDelete,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "give up a database that cannot be deleted")]
    DatabaseForget,

    [PermissionRule(Audience.ProjectManager, TokenScope.Manage, "protect a resource from deletion, and lift the protection")]
    ResourceProtect,

    [PermissionRule(Audience.Admin, TokenScope.Read, "see the orphans")]
    OrphanRead,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "adopt and remove orphans")]
    OrphanManage,

    [PermissionRule(Audience.Everyone, TokenScope.Read, "see the tiers")]
    TierRead,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "create, change and delete tiers")]
    TierManage,

    [PermissionRule(Audience.Member, TokenScope.Read, "see the budget of the project")]
    BudgetRead,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "set the budget of a project")]
    BudgetManage,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "register directories of the server and git repositories for commands")]
    WorkspaceManage,

    [PermissionRule(Audience.Member, TokenScope.Read, "see workspaces and the targets of their Makefiles")]
    WorkspaceRead,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "register hosts that commands reach by SSH, and accept their host keys")]
    HostManage,

    [PermissionRule(Audience.Member, TokenScope.Read, "see the hosts of commands")]
    HostRead,

    [PermissionRule(Audience.Viewer, TokenScope.Read, "see commands and their runs")]
    CommandRead,

    [PermissionRule(
        Audience.ProjectManager,
        TokenScope.Manage,
        "create, change and delete commands of kind make and ssh; local ones and those of the platform are for admins"
    )]
    CommandManage,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "plan, start, cancel and repeat runs of commands")]
    CommandRun,

    [PermissionRule(Audience.ProjectManager, TokenScope.Operate, "run a command that asks for a manager of the project")]
    CommandRunRestricted,

    [PermissionRule(Audience.Viewer, TokenScope.Read, "see jobs and their logs")]
    JobRead,

    [PermissionRule(Audience.Developer, TokenScope.Operate, "cancel and retry jobs, with the permission of what the job does")]
    JobOperate,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "cancel key updates; cancel and retry jobs of unknown kinds")]
    JobManage,

    [PermissionRule(
        Audience.Member,
        TokenScope.Read,
        "read the project's events; addresses and details of tokens and refusals are shown to its managers"
    )]
    EventRead,

    [PermissionRule(Audience.Everyone, TokenScope.Read, "be told what changes among the things that one may read")]
    ChangeRead,

    [PermissionRule(Audience.Everyone, TokenScope.Read, "see plugins and their templates")]
    PluginRead,

    [PermissionRule(Audience.SignedIn, TokenScope.Read, "find users, see their names and public keys")]
    UserRead,

    [PermissionRule(Audience.Admin, TokenScope.Manage, "create, change, deactivate users")]
    UserManage,

    [PermissionRule(Audience.Self, TokenScope.Read, "see one's own tokens and sessions")]
    AccountRead,

    [PermissionRule(Audience.Self, TokenScope.Manage, "change one's own keys, tokens, sessions, password")]
    AccountManage,

    [PermissionRule(Audience.Admin, TokenScope.Read, "read the metrics")]
    MetricsRead,

    [PermissionRule(Audience.Anyone, TokenScope.Read, "sign in")]
    SignIn,

    [PermissionRule(Audience.Everyone, TokenScope.Read, "see who one is; sign out")]
    IdentityRead,

    [PermissionRule(Audience.Admin, TokenScope.Read, "verify the audit's chain")]
    AuditVerify,

    [PermissionRule(Audience.Admin, TokenScope.Read, "see the settings in effect and the role mappings")]
    SettingsRead,
}
