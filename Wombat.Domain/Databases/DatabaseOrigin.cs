namespace Wombat.Domain.Databases;

/// <summary>The backup of another database from which a new one is restored: up to a time, or as one backup left it.</summary>
/// <param name="SourceKey">The external key of the source.</param>
/// <param name="SourceName">The external name of the source.</param>
/// <param name="TargetTime">Restore to this time; null with <paramref name="BackupId"/>, or for all that was archived.</param>
/// <param name="BackupId">Restore this backup without later changes.</param>
public sealed record DatabaseOrigin(string SourceKey, string SourceName, DateTimeOffset? TargetTime = null, string? BackupId = null)
{
    /// <summary>The id of the source in Wombat.</summary>
    public Guid SourceId { get; init; }
}
