namespace Wombat.Infrastructure.Backup;

/// <summary>What a backup archive holds, as its entry <c>manifest.json</c> says.</summary>
/// <param name="Format">The form of the archive; a reader refuses forms that it does not know.</param>
/// <param name="Migrations">All that the database had, in order: the schema is made by the same ones.</param>
/// <param name="EventMonths">First days of the months that the events had partitions for.</param>
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

/// <param name="Entry">The archive's entry with the rows in PostgreSQL's binary COPY form.</param>
public sealed record BackupTable(string Name, IReadOnlyList<string> Columns, long Rows, string Entry, string Sha256);

public sealed record BackupSequence(string Name, long LastValue, bool IsCalled);

/// <param name="Name">Which key file of this Wombat it is.</param>
public sealed record BackupKey(string Name, string Entry, string Sha256);
