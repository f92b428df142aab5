namespace Wombat.Infrastructure.Backup;

/// <summary>The state of a sequence in a backup archive.</summary>
public sealed record BackupSequence(string Name, long LastValue, bool IsCalled);
