using Wombat.Domain.Access;

namespace Wombat.Application.Access;

/// <summary>The permission that a message requires of its caller. Every message must declare one.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RequirePermissionAttribute(Permission permission) : Attribute
{
    public Permission Permission { get; } = permission;
}
