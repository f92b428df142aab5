namespace Wombat.Infrastructure.Backup;

/// <summary>A backup or restore failed. The message is shown to the operator.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
