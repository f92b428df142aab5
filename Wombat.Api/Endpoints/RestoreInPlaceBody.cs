using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>What a database is restored to: a time or a backup.</summary>
internal sealed class RestoreInPlaceBody
{
    /// <summary>Restore to this time, which must be within those that GET backups shows.</summary>
    public DateTimeOffset? TargetTime { get; init; }

    /// <summary>Restore this backup without later changes.</summary>
    [StringLength(100)]
    public string? BackupId { get; init; }
}
