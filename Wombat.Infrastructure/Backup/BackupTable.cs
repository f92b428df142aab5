namespace Wombat.Infrastructure.Backup;

/// <summary>A table in a backup archive.</summary>
/// <param name="Entry">The archive entry with the rows in PostgreSQL's binary COPY format.</param>
public sealed record BackupTable(string Name, IReadOnlyList<string> Columns, long Rows, string Entry, string Sha256);
