using Wombat.Application.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>A user.</summary>
public sealed class UserDto : IVersioned
{
    public Guid Id { get; init; }

    /// <summary>Unique name for signing in.</summary>
    public string Login { get; init; } = "";

    /// <summary>Shown to the user and to admins; null for others.</summary>
    public string? Email { get; set; }

    /// <summary>The name that people read.</summary>
    public string FullName { get; init; } = "";

    /// <summary>The role on the whole platform.</summary>
    public PlatformRole PlatformRole { get; init; }

    /// <summary>Whether the user can sign in.</summary>
    public bool Active { get; init; }

    /// <summary>Whether the user has a password in Wombat.</summary>
    public bool HasPassword { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes; an If-Match compares it.</summary>
    public int Version { get; init; }
}
