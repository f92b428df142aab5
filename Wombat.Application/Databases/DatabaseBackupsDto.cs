namespace Wombat.Application.Databases;

/// <summary>The backups of a database, the newest first, and the times that can be restored.</summary>
/// <param name="FirstRestorableAt">The earliest time; null when nothing can be restored.</param>
/// <param name="LastRestorableAt">The latest time; null when nothing can be restored.</param>
public sealed record DatabaseBackupsDto(
    IReadOnlyList<DatabaseBackupDto> Items,
    DateTimeOffset? FirstRestorableAt,
    DateTimeOffset? LastRestorableAt
);
