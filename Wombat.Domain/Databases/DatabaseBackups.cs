namespace Wombat.Domain.Databases;

/// <summary>The backups of a database and the times that can be restored.</summary>
/// <param name="FirstRestorableAt">The earliest time; null when nothing can be restored.</param>
/// <param name="LastRestorableAt">The latest time: the last commit that is known to be archived; null when nothing can be restored.</param>
public sealed record DatabaseBackups(
    IReadOnlyList<DatabaseBackup> Backups,
    DateTimeOffset? FirstRestorableAt,
    DateTimeOffset? LastRestorableAt
);
