namespace Wombat.Domain.Common;

/// <summary>The caller is known but lacks a permission.</summary>
public sealed class ForbiddenException : WombatException
{
    public ForbiddenException(string permission)
        : base(ErrorCode.Forbidden, $"This needs the permission {permission}.") => Permission = permission;

    /// <summary>Refused for another reason than a permission.</summary>
    public ForbiddenException(ErrorCode code, string message)
        : base(code, message) { }

    public string? Permission { get; }
}
