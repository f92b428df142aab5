namespace Wombat.Infrastructure.Backup;

/// <summary>A key file in a backup archive.</summary>
/// <param name="Name">The name of the key file, see <see cref="KeyFiles"/>.</param>
public sealed record BackupKey(string Name, string Entry, string Sha256);
