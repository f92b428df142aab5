namespace Wombat.Domain.Databases;

/// <summary>What a database is restored to in place: a time, or a backup.</summary>
/// <param name="RequestId">The same for repeated calls of one request, and another one for each request.</param>
/// <param name="TargetTime">Restore to this time; null with <paramref name="BackupId"/>.</param>
/// <param name="BackupId">Restore this backup without later changes.</param>
public sealed record DatabaseRestoreTarget(Guid RequestId, DateTimeOffset? TargetTime, string? BackupId);
