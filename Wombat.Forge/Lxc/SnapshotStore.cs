using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The snapshots of one container: one folder for each, with a complete copy of its root file system or of its disk. Only root opens
/// them. Folders whose names begin with a dot are copies in progress and discarded files.
/// </summary>
/// <param name="folder">The folder of the container, as lxc knows it.</param>
internal sealed class SnapshotStore(string folder, LxcTools tools)
{
    private const long MinFreeBytes = 256L * 1024 * 1024;
    private const string CopyPrefix = ".copy-";
    private const string Facts = "snapshot.json";
    private const string RootFolder = "rootfs";
    private const string DiskFile = "disk.img";
    private static readonly TimeSpan CopyTimeout = TimeSpan.FromHours(1);

    private string All => Path.Combine(folder, "snapshots");

    private string Live(string content) => Path.Combine(folder, content);

    private string Content => File.Exists(Live(DiskFile)) ? DiskFile : RootFolder;

    /// <summary>A new name for a copy. An earlier copy may still be written by a program whose forge was killed.</summary>
    public static string NewCopy() => string.Create(CultureInfo.InvariantCulture, $"{CopyPrefix}{Guid.NewGuid():N}");

    /// <summary>The snapshots, the oldest first.</summary>
    public IReadOnlyList<Snapshot> List() =>
        Directory.Exists(All)
            ?
            [
                .. Directory
                    .GetDirectories(All)
                    .Select(f => Find(Path.GetFileName(f))?.Snapshot)
                    .OfType<Snapshot>()
                    .OrderBy(s => s.CreatedAt),
            ]
            : [];

    /// <summary>A snapshot with the request that made it; null if there is none.</summary>
    public (Snapshot Snapshot, string? Request)? Find(string name)
    {
        var file = Path.Combine(All, name, Facts);
        if (name.StartsWith('.') || !File.Exists(file))
        {
            return null;
        }

        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var expiry = (string?)json["expires_at"];
        var snapshot = new Snapshot(name, Time((string)json["created_at"]!), expiry is null ? null : Time(expiry), (long)json["bytes"]!);
        return (snapshot, (string?)json["request"]);
    }

    /// <summary>Copies the root file system or disk of the container.</summary>
    /// <returns>The disk space that the copy occupies, in bytes.</returns>
    /// <exception cref="ForgeException">Capacity: there is no room.</exception>
    public async Task<long> CopyLiveAsync(string copy, CancellationToken cancel)
    {
        PrivateFiles.EnsureFolder(All);
        return await CopyAsync(Live(Content), Path.Combine(All, copy), Content, cancel);
    }

    /// <summary>Copies the content of a snapshot, for a restore.</summary>
    /// <exception cref="ForgeException">Capacity: there is no room. Conflict: the container has another kind of disk.</exception>
    public async Task CopySnapshotAsync(string name, string copy, CancellationToken cancel)
    {
        var source = Path.Combine(All, name, Content);
        if (!Path.Exists(source))
        {
            throw new ForgeException(ExitCode.Conflict, $"the snapshot {name} is from before the container got a disk of its own");
        }

        await CopyAsync(source, Path.Combine(All, copy), Content, cancel);
        var disk = new LxcDisk(Path.Combine(All, copy), tools);
        if (new LxcDisk(folder, tools).SizeGiB is { } size && size > disk.SizeGiB)
        {
            // The disk has grown since the snapshot.
            await disk.GrowAsync(size, cancel);
        }
    }

    /// <summary>Reads the root file system of a snapshot.</summary>
    /// <param name="work">A new folder, on which the copy of a disk is mounted: mounting writes to it.</param>
    /// <param name="read">Gets the root file system.</param>
    /// <exception cref="ForgeException">NotFound: no such snapshot, or not any more; Capacity: there is no room.</exception>
    public async Task ReadAsync(string name, string work, Func<string, Task> read, CancellationToken cancel)
    {
        if (Find(name) is not { } found)
        {
            throw new ForgeException(ExitCode.NotFound, $"{Path.GetFileName(folder)} has no snapshot {name}");
        }

        var image = Path.Combine(All, name, DiskFile);
        if (!File.Exists(image))
        {
            EnsureRoom(folder, found.Snapshot.Bytes ?? 0);
            await read(Path.Combine(All, name, RootFolder));
        }
        else
        {
            await ReadDiskAsync(image, work, read, cancel);
        }

        // It may have been deleted meanwhile, with files that were not read yet.
        if (Find(name)?.Snapshot != found.Snapshot)
        {
            throw new ForgeException(ExitCode.NotFound, $"the snapshot {name} of {Path.GetFileName(folder)} was deleted meanwhile");
        }
    }

    private async Task ReadDiskAsync(string image, string work, Func<string, Task> read, CancellationToken cancel)
    {
        // Once for the copy, once for what is made of it.
        EnsureRoom(folder, 2 * await MeasureAsync(image, cancel));
        await CopyAsync(image, work, DiskFile, cancel);
        Directory.CreateDirectory(Path.Combine(work, RootFolder), PrivateFiles.FolderMode);
        var disk = new LxcDisk(work, tools);
        await disk.EnsureMountedAsync(cancel);
        await read(Path.Combine(work, RootFolder));
        await disk.UnmountAsync(cancel);
        Directory.Delete(work, recursive: true);
    }

    /// <summary>Makes a new root file system or disk for the container.</summary>
    /// <param name="make">Gets a new folder. The container's root passes through it, unlike through those of snapshots.</param>
    public async Task MakeAsync(string copy, Func<string, Task> make)
    {
        PrivateFiles.EnsureFolder(All);
        await make(Live(copy));
        Directory.Move(Live(copy), Path.Combine(All, copy));
    }

    /// <summary>Writes what a list tells about a complete copy.</summary>
    public void Describe(string copy, Snapshot snapshot, string? request)
    {
        var facts = snapshot.ToJson();
        facts["request"] = request;
        PrivateFiles.Write(Path.Combine(All, copy, Facts), facts.ToJsonString());
    }

    /// <summary>Makes a complete copy, which is described and on the disk, a snapshot.</summary>
    public void Publish(string copy, string name) => Directory.Move(Path.Combine(All, copy), Path.Combine(All, name));

    /// <summary>Whether the copy has not replaced the root file system or disk yet.</summary>
    public bool HasCopy(string copy) => Path.Exists(Path.Combine(All, copy, Content));

    /// <summary>Replaces the root file system or disk of the stopped container by a copy. Safe to repeat after it was cut short.</summary>
    public void Swap(string copy)
    {
        var content = Content;
        var fresh = Path.Combine(All, copy, content);
        if (content == DiskFile && File.Exists(fresh))
        {
            File.Move(fresh, Live(content), overwrite: true);
        }
        else if (content == RootFolder && Directory.Exists(fresh))
        {
            if (Directory.Exists(Live(content)))
            {
                Directory.Move(Live(content), Path.Combine(All, NewCopy()));
            }

            Directory.Move(fresh, Live(content));
        }
    }

    /// <summary>Deletes a snapshot if it exists.</summary>
    public void Discard(string name)
    {
        if (Directory.Exists(Path.Combine(All, name)))
        {
            Directory.Move(Path.Combine(All, name), Path.Combine(All, NewCopy()));
        }
    }

    /// <summary>Removes what was discarded and what was never completed.</summary>
    /// <returns>False if something is left, such as files that a program whose forge was killed still writes.</returns>
    public async Task<bool> CleanAsync(CancellationToken cancel)
    {
        string[] made = Directory.Exists(folder) ? Directory.GetDirectories(folder, CopyPrefix + "*") : [];
        foreach (var one in made)
        {
            await new LxcDisk(one, tools).UnmountAsync(cancel);
        }

        string[] rest = [.. made, .. Directory.Exists(All) ? Directory.GetDirectories(All, ".*") : []];
        return rest.Length == 0
            || (await tools.RunAsync("rm", ["-rf", "--one-file-system", .. rest], cancel, CopyTimeout, "removing discarded files")).ExitCode
                == 0;
    }

    private async Task<long> CopyAsync(string source, string target, string content, CancellationToken cancel)
    {
        var bytes = await MeasureAsync(source, cancel);
        EnsureRoom(folder, bytes);
        Directory.CreateDirectory(target, PrivateFiles.FolderMode);
        string[] arguments =
        [
            "--archive",
            "--reflink=auto",
            "--sparse=always",
            "--one-file-system",
            "--no-target-directory",
            source,
            Path.Combine(target, content),
        ];
        var copied = await tools.RunLongAsync("cp", arguments, "copying the root file system", CopyTimeout, cancel);
        return copied.ExitCode == 0 ? bytes
            : LxcTools.IsDiskFull(copied) ? throw NoRoom("the disk is full")
            : throw new ForgeException(ExitCode.Failed, $"cannot copy the root file system: {copied.ErrorTail}");
    }

    private async Task<long> MeasureAsync(string source, CancellationToken cancel)
    {
        var measured = await tools.RunAsync("du", ["-s", "-x", "-B1", source], cancel, step: "measuring the root file system");
        return long.TryParse(measured.Output.Split('\t')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : throw new ForgeException(ExitCode.Failed, $"cannot measure the root file system: {measured.ErrorTail}");
    }

    /// <summary>Writes a copy to the disk, so that it outlives a power failure.</summary>
    /// <exception cref="ForgeException">Capacity: there is no room. Failed: another error of the disk.</exception>
    public Task SyncAsync(CancellationToken cancel) => SyncAsync(All, tools, cancel);

    /// <inheritdoc cref="SyncAsync(CancellationToken)"/>
    public static async Task SyncAsync(string folder, LxcTools tools, CancellationToken cancel)
    {
        var done = await tools.RunAsync("sync", ["-f", folder], cancel, step: "writing to the disk");
        if (done.ExitCode != 0)
        {
            throw LxcTools.IsDiskFull(done)
                ? NoRoom("the disk is full")
                : new ForgeException(ExitCode.Failed, $"cannot write to the disk: {done.ErrorTail}");
        }
    }

    /// <exception cref="ForgeException">Capacity: the disk would have less room than the reserve.</exception>
    public static void EnsureRoom(string folder, long bytes)
    {
        if (new DriveInfo(folder).AvailableFreeSpace < bytes + MinFreeBytes)
        {
            throw NoRoom($"{bytes / 1024 / 1024} MiB and {MinFreeBytes / 1024 / 1024} MiB that stay free are needed");
        }
    }

    private static ForgeException NoRoom(string reason) =>
        new(ExitCode.Capacity, $"not enough disk space for a copy of the container: {reason}; delete snapshots or containers");

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
