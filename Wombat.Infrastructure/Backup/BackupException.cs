namespace Wombat.Infrastructure.Backup;

/// <summary>A backup cannot be made or restored; the message is all that the operator sees.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
