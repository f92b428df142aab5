using System.Reflection;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Access;

namespace Wombat.Application.Pipeline;

/// <summary>The declared permissions, read once; a message without a declaration stops the start.</summary>
public static class DeclaredPermissions
{
    /// <exception cref="InvalidOperationException">Messages lack a declaration or do not name the project or account. The message lists
    /// them.</exception>
    /// <param name="kinds">Their shared messages have the permissions of the kind.</param>
    public static IReadOnlyDictionary<Type, Permission> Of(Assembly assembly, ResourceKinds kinds)
    {
        var messages = assembly
            .GetTypes()
            .Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false } && typeof(IBaseRequest).IsAssignableFrom(t))
            .ToList();
        var missing = messages.Where(t => t.GetCustomAttribute<RequirePermissionAttribute>() is null).Select(t => t.Name).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"Messages that declare no permission ([RequirePermission]): {string.Join(", ", missing)}."
            );
        }

        var declared = messages
            .Select(t => KeyValuePair.Create(t, t.GetCustomAttribute<RequirePermissionAttribute>()!.Permission))
            .Concat(kinds.All.SelectMany(k => k.Messages))
            .ToDictionary();
        var unscoped = declared.Where(d => !NamesItsTarget(d.Key, PermissionMatrix.Of(d.Value))).Select(d => d.Key.Name).ToList();
        return unscoped.Count == 0
            ? declared
            : throw new InvalidOperationException(
                $"Messages that require a permission in a project or account but do not name it: {string.Join(", ", unscoped)}."
            );
    }

    private static bool NamesItsTarget(Type message, PermissionRuleAttribute rule) =>
        rule.IsOfProject
            ? typeof(IProjectScoped).IsAssignableFrom(message)
                || typeof(IJobScoped).IsAssignableFrom(message)
                || typeof(IResourceScoped).IsAssignableFrom(message)
                || typeof(ICommandScoped).IsAssignableFrom(message)
                || typeof(IOwnerScoped).IsAssignableFrom(message)
            : rule.Audience != Audience.Self || typeof(IUserScoped).IsAssignableFrom(message);
}
