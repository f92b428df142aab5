namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>From where a data directory is recovered, and up to what.</summary>
/// <param name="ArchiveFolder">The WAL archive.</param>
/// <param name="TargetTime">Null with <paramref name="Immediate"/> or for everything in the archive.</param>
/// <param name="Immediate">Stop as soon as the backup is consistent.</param>
internal sealed record RecoverySource(string ArchiveFolder, DateTimeOffset? TargetTime, bool Immediate);
