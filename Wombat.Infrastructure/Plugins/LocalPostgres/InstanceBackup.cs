using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>A complete backup, as the file <c>backup.json</c> beside its data describes it.</summary>
/// <param name="Archive">The folder of the WAL archive that continues it.</param>
/// <param name="FirstSegment">The first WAL segment that it needs.</param>
internal sealed record InstanceBackup(
    string Id,
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    int Version,
    string Archive,
    string FirstSegment,
    IReadOnlyList<string> Folders,
    IReadOnlyList<BackupFile> Files
)
{
    public long Bytes => Files.Sum(f => f.Bytes);

    public DatabaseBackup ToSummary() => new(Id, StartedAt, EndedAt, Bytes);
}
