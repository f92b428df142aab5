namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>A file of a backup.</summary>
/// <param name="Path">Relative to the data directory.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256);
