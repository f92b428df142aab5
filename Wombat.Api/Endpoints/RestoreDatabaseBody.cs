using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Databases;
using TierEntity = Wombat.Domain.Tiers.Tier;

namespace Wombat.Api.Endpoints;

/// <summary>A database to create from the backups of another.</summary>
internal sealed class RestoreDatabaseBody
{
    /// <summary>The name of the new database.</summary>
    /// <example>orders-restored</example>
    [Required]
    [StringLength(Database.NameMax, MinimumLength = Database.NameLengthMin)]
    [RegularExpression(Database.NamePattern)]
    public string? Name { get; init; }

    /// <summary>Restore to this time, which must be within those that GET backups shows; the latest one when absent.</summary>
    public DateTimeOffset? TargetTime { get; init; }

    /// <summary>Restore this backup without later changes.</summary>
    [StringLength(100)]
    public string? BackupId { get; init; }

    /// <summary>The tier of the new database; that of the source when absent.</summary>
    [StringLength(TierEntity.NameMax)]
    public string? Tier { get; init; }
}
