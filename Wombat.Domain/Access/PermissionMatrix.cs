using Wombat.Domain.Members;

namespace Wombat.Domain.Access;

/// <summary>Defines who has which permission.</summary>
public static class PermissionMatrix
{
    private static readonly PermissionRule[] Rules = Ordered(
        new(Permission.ProjectRead, Audience.Viewer, TokenScope.Read, "see the project"),
        new(Permission.ProjectCreate, Audience.SignedIn, TokenScope.Manage, "create a project and become its manager"),
        new(Permission.ProjectUpdate, Audience.ProjectManager, TokenScope.Manage, "change the project"),
        new(Permission.ProjectDelete, Audience.ProjectManager, TokenScope.Manage, "delete the project"),
        new(Permission.MemberRead, Audience.Viewer, TokenScope.Read, "see the members"),
        new(Permission.MemberManage, Audience.ProjectManager, TokenScope.Manage, "add and remove members, change their roles"),
        new(Permission.ProjectTokenManage, Audience.ProjectManager, TokenScope.Manage, "list, create and revoke the project's own tokens"),
        new(Permission.ContainerRead, Audience.Viewer, TokenScope.Read, "see containers"),
        new(Permission.ContainerCreate, Audience.Developer, TokenScope.Manage, "create a container, or plan one"),
        new(Permission.ContainerOperate, Audience.Developer, TokenScope.Operate, "start, stop, restart a container"),
        new(Permission.ContainerDelete, Audience.Developer, TokenScope.Manage, "delete a container"),
        new(Permission.ContainerForget, Audience.ProjectManager, TokenScope.Manage, "give up a container that cannot be deleted"),
        new(Permission.ContainerKeyRead, Audience.Member, TokenScope.Read, "see which SSH keys open a container"),
        new(Permission.JobRead, Audience.Viewer, TokenScope.Read, "see jobs and their logs"),
        new(
            Permission.JobOperate,
            Audience.Developer,
            TokenScope.Operate,
            "cancel and retry jobs, with the permission of what the job does"
        ),
        new(Permission.JobManage, Audience.Admin, TokenScope.Manage, "cancel key updates; cancel and retry jobs of unknown kinds"),
        new(
            Permission.EventRead,
            Audience.Member,
            TokenScope.Read,
            "read the project's events; addresses and details of tokens and refusals are shown to its managers"
        ),
        new(Permission.PluginRead, Audience.Everyone, TokenScope.Read, "see plugins and their templates"),
        new(Permission.UserRead, Audience.SignedIn, TokenScope.Read, "find users, see their names and public keys"),
        new(Permission.UserManage, Audience.Admin, TokenScope.Manage, "create, change, deactivate users"),
        new(Permission.AccountRead, Audience.Self, TokenScope.Read, "see one's own tokens and sessions"),
        new(Permission.AccountManage, Audience.Self, TokenScope.Manage, "change one's own keys, tokens, sessions, password"),
        new(Permission.MetricsRead, Audience.Admin, TokenScope.Read, "read the metrics"),
        new(Permission.SignIn, Audience.Anyone, TokenScope.Read, "sign in"),
        new(Permission.IdentityRead, Audience.Everyone, TokenScope.Read, "see who one is; sign out"),
        new(Permission.AuditVerify, Audience.Admin, TokenScope.Read, "verify the audit's chain")
    );

    public static IReadOnlyList<PermissionRule> All => Rules;

    public static PermissionRule Of(Permission permission) => Rules[(int)permission];

    /// <summary>Checks a permission of the caller.</summary>
    /// <param name="access">The caller's access to the project, for permissions in a project.</param>
    /// <param name="account">The user concerned, for <see cref="Audience.Self"/>.</param>
    public static Decision Decide(Caller caller, Permission permission, ProjectAccess? access = null, Guid? account = null)
    {
        if (caller.OnlyPermission is { } only)
        {
            return only == permission ? Decision.Allowed : Decision.Refused;
        }

        var rule = Of(permission);
        if (rule.IsOfProject && access is { IsVisible: false })
        {
            return Decision.Hidden;
        }

        if (caller.Scope < rule.Scope)
        {
            return Decision.Refused;
        }

        var allowed = rule.Audience switch
        {
            Audience.Anyone => true,
            Audience.Everyone => caller != Caller.Anonymous,
            Audience.SignedIn => caller.RestrictedToProjectId is null && (caller.UserId is not null || caller.IsAdmin),
            Audience.Self => caller.RestrictedToProjectId is null
                && (caller.IsAdmin || caller.UserId is not null && caller.UserId == account),
            Audience.Admin => caller is { IsAdmin: true, RestrictedToProjectId: null },
            Audience.Viewer when rule.Scope == TokenScope.Read => access is null or { IsVisible: true },
            _ => access is null || access.Value.Role >= Least(rule.Audience),
        };
        return allowed ? Decision.Allowed : Decision.Refused;
    }

    private static ProjectRole Least(Audience audience) =>
        audience switch
        {
            Audience.Member or Audience.Viewer => ProjectRole.Viewer,
            Audience.Developer => ProjectRole.Developer,
            _ => ProjectRole.ProjectManager,
        };

    private static PermissionRule[] Ordered(params PermissionRule[] rules) =>
        [.. Enum.GetValues<Permission>().Select(p => rules.Single(r => r.Permission == p))];
}
