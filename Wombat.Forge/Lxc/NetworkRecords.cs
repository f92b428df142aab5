using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The records of all networks of this machine, of all data folders, in a folder of root.</summary>
internal sealed class NetworkRecords(string folder)
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(5);

    /// <summary>Every change of the records holds this lock.</summary>
    public Task<FileStream> LockAsync(CancellationToken cancel) => LockAsync(".lock", "changing the networks of this machine", cancel);

    /// <summary>Every load of the rules holds this lock.</summary>
    public Task<FileStream> LockRulesAsync(CancellationToken cancel) =>
        LockAsync(".rules.lock", "loading the network rules of this machine", cancel);

    /// <summary>What the kernel said about the rules after they were loaded last; empty for no rules or if unknown.</summary>
    public string LoadedRules
    {
        get => File.Exists(LoadedRulesFile) ? File.ReadAllText(LoadedRulesFile) : "";
        set => PrivateFiles.Replace(LoadedRulesFile, value);
    }

    private string LoadedRulesFile => Path.Combine(folder, ".rules.loaded");

    public IReadOnlyList<NetworkRecord> All() =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.json").Select(NetworkRecord.Read).OfType<NetworkRecord>().OrderBy(n => n.Number)]
            : [];

    public void Write(NetworkRecord record) => record.Write(FileOf(record));

    public void Delete(NetworkRecord record) => File.Delete(FileOf(record));

    private string FileOf(NetworkRecord record) => Path.Combine(folder, record.Number.ToString(CultureInfo.InvariantCulture) + ".json");

    private Task<FileStream> LockAsync(string name, string activity, CancellationToken cancel) =>
        HostState.LockAsync(folder, name, activity, cancel, LockPoll);
}
