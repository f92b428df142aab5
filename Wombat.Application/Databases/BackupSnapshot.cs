namespace Wombat.Application.Databases;

/// <summary>The data of an event about missing backups.</summary>
public sealed record BackupSnapshot(string Name, DateTimeOffset? LastRestorableAt, DateTimeOffset? BackupOverdueSince);
