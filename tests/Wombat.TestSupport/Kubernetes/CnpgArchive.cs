using System.Globalization;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The backups and the WAL of one server name in the stand-in for an object store: a folder.</summary>
internal sealed class CnpgArchive(string folder)
{
    public string Wal { get; } = Path.Combine(folder, "wal");

    private string Bases => Path.Combine(folder, "base");

    /// <summary>The id of a backup that ended at this time. Ids sort by time.</summary>
    public static string IdOf(DateTimeOffset end) => end.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);

    public string FolderOf(string backupId) => Path.Combine(Bases, backupId);

    /// <summary>The folder of a backup that is being made.</summary>
    public string NewDraft() => Path.Combine(folder, $"draft-{Guid.NewGuid():N}");

    /// <summary>Creates the folders; PostgreSQL writes to them under its own account.</summary>
    public void Create()
    {
        Directory.CreateDirectory(Bases);
        Directory.CreateDirectory(Wal);
        File.SetUnixFileMode(Wal, (UnixFileMode)0b111_111_111);
    }

    /// <summary>The folder of a backup by its id, or of the last one that had ended at a time, or of the last of all.</summary>
    public string? Choose(string? backupId, DateTimeOffset? target) =>
        Directory.Exists(Bases)
            ? Directory
                .GetDirectories(Bases)
                .Where(d => backupId is null || Path.GetFileName(d) == backupId)
                .Where(d => target is null || string.CompareOrdinal(Path.GetFileName(d), IdOf(target.Value)) <= 0)
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;
}
