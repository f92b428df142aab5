using System.Reflection;
using Wombat.Domain.Members;

namespace Wombat.Domain.Access;

/// <summary>Decides who has which permission.</summary>
public static class PermissionMatrix
{
    private static readonly PermissionRuleAttribute[] Rules =
    [
        .. Enum.GetNames<Permission>().Select(n => typeof(Permission).GetField(n)!.GetCustomAttribute<PermissionRuleAttribute>()!),
    ];

    public static PermissionRuleAttribute Of(Permission permission) => Rules[(int)permission];

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
}
