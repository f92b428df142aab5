using System.Text.Json;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The complete backups of a database. A backup is complete when its description was written.</summary>
internal sealed class BackupCatalog(InstanceFolder folder)
{
    private const string DescriptionName = "backup.json";
    private const string DataName = "data";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IgnoreReadOnlyProperties = true };

    public bool IsEmpty => Ids().Count == 0;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<InstanceBackup> ReadAll() => [.. NewestFirst()];

    /// <summary>Whether a backup can be continued with the WAL of an archive.</summary>
    public bool HasBackupIn(string archive) => NewestFirst().Any(b => b.Archive == archive);

    public InstanceBackup? Find(string id) => Ids().Contains(id, StringComparer.Ordinal) ? Read(id) : null;

    public string DataOf(string id) => Path.Combine(folder.Backups, id, DataName);

    public void Complete(InstanceBackup backup) =>
        SecretFile.Write(Path.Combine(folder.Backups, backup.Id, DescriptionName), JsonSerializer.Serialize(backup, Json));

    /// <summary>Removes a backup; the description first, so that a part of a backup never counts as one.</summary>
    public void Remove(string id)
    {
        File.Delete(Path.Combine(folder.Backups, id, DescriptionName));
        DataDirectory.Remove(Path.Combine(folder.Backups, id));
    }

    public void RemoveIncomplete()
    {
        foreach (var path in Directory.Exists(folder.Backups) ? Directory.GetDirectories(folder.Backups) : [])
        {
            if (!File.Exists(Path.Combine(path, DescriptionName)))
            {
                DataDirectory.Remove(path);
            }
        }
    }

    // Each is read when it is asked for, since its list of files is long.
    private IEnumerable<InstanceBackup> NewestFirst() =>
        Ids().OrderDescending(StringComparer.Ordinal).Select(Read).OfType<InstanceBackup>();

    private IReadOnlyList<string> Ids() =>
        Directory.Exists(folder.Backups)
            ?
            [
                .. Directory
                    .GetDirectories(folder.Backups)
                    .Where(d => File.Exists(Path.Combine(d, DescriptionName)))
                    .Select(d => Path.GetFileName(d)),
            ]
            : [];

    private InstanceBackup? Read(string id)
    {
        try
        {
            return JsonSerializer.Deserialize<InstanceBackup>(File.ReadAllText(Path.Combine(folder.Backups, id, DescriptionName)), Json);
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
