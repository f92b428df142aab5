namespace Wombat.Domain.Common;

/// <summary>The caller lacks a permission.</summary>
public sealed class ForbiddenException : WombatException
{
    public ForbiddenException(string permission)
        : base(ErrorCode.Forbidden, $"This requires the permission {permission}.") => Permission = permission;

    /// <summary>Creates an error for another reason than a missing permission.</summary>
    public ForbiddenException(ErrorCode code, string message)
        : base(code, message) { }

    public string? Permission { get; }
}
