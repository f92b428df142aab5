using System.ComponentModel.DataAnnotations;
using Wombat.Application.Databases;
using Wombat.Domain.Databases;

namespace Wombat.Api.Endpoints;

/// <summary>A user of a database. One that exists gets the role and the expiry.</summary>
internal sealed class SaveDatabaseUserBody
{
    /// <summary>The name of the PostgreSQL role.</summary>
    /// <example>report</example>
    [Required]
    public string? Name { get; init; }

    /// <summary>What the user may do.</summary>
    [Required]
    public DatabaseRole? Role { get; init; }

    /// <summary>When its access ends: it can no longer connect, and its sessions are ended. Never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why it is needed; required with expires_at, and kept in the events.</summary>
    [StringLength(200)]
    public string? Reason { get; init; }

    internal SaveDatabaseUser ToArguments() => new(Name, Role, ExpiresAt, Reason);
}
