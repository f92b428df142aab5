namespace Wombat.Infrastructure.Backup;

/// <summary>The contents of a backup archive: its entry <c>manifest.json</c>.</summary>
/// <param name="Format">The format version of the archive. A reader rejects versions that it does not know.</param>
/// <param name="Migrations">The migrations of the database in order. A restore creates the schema with the same ones.</param>
/// <param name="EventMonths">The first days of the months for which the events table has partitions.</param>
public sealed record BackupManifest(
    int Format,
    string WombatVersion,
    string PostgresVersion,
    DateTimeOffset CreatedAt,
    IReadOnlyList<string> Migrations,
    IReadOnlyList<DateOnly> EventMonths,
    IReadOnlyList<BackupTable> Tables,
    IReadOnlyList<BackupSequence> Sequences,
    IReadOnlyList<BackupKey> Keys
)
{
    public const int CurrentFormat = 1;
    public const string EntryName = "manifest.json";
}
