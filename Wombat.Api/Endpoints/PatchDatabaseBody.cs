using System.ComponentModel.DataAnnotations;
using Wombat.Application.Common;
using Wombat.Application.Databases;
using Wombat.Domain.Databases;

namespace Wombat.Api.Endpoints;

/// <summary>Changes to a database as a merge patch (RFC 7396). Another tier is requested with resize.</summary>
internal sealed class PatchDatabaseBody
{
    /// <summary>What it is for.</summary>
    [StringLength(DatabaseSpec.PurposeMax)]
    public Optional<string> Purpose { get; init; }

    /// <summary>Who is responsible for it.</summary>
    [StringLength(DatabaseSpec.OwnerMax)]
    public Optional<string> Owner { get; init; }

    /// <summary>When it is deleted; null for never.</summary>
    public Optional<DateTimeOffset?> ExpiresAt { get; init; }

    /// <summary>Whether a request to delete it is refused; only managers of the project may change it.</summary>
    public Optional<bool?> DeletionProtection { get; init; }

    internal DatabaseChanges ToChanges() => new(Purpose, Owner, ExpiresAt, DeletionProtection);
}
