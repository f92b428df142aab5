using System.Reflection;
using MediatR;
using Wombat.Domain.Users;

namespace Wombat.Application.Pipeline;

/// <summary>The permission that a message needs of its caller. Every message must declare one.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RequiresAttribute(Permission permission) : Attribute
{
    public Permission Permission { get; } = permission;
}

/// <summary>The declared permissions, read once; a message without a declaration stops the start.</summary>
public static class DeclaredPermissions
{
    /// <exception cref="InvalidOperationException">Messages without a declaration, by name.</exception>
    public static IReadOnlyDictionary<Type, Permission> Of(Assembly assembly)
    {
        var messages = assembly.GetTypes().Where(t => !t.IsAbstract && typeof(IBaseRequest).IsAssignableFrom(t)).ToList();
        var missing = messages.Where(t => t.GetCustomAttribute<RequiresAttribute>() is null).Select(t => t.Name).ToList();
        return missing.Count == 0
            ? messages.ToDictionary(t => t, t => t.GetCustomAttribute<RequiresAttribute>()!.Permission)
            : throw new InvalidOperationException($"Messages that declare no permission ([Requires]): {string.Join(", ", missing)}.");
    }
}
