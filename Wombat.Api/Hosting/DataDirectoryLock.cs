using Wombat.Infrastructure.Processes;

namespace Wombat.Api.Hosting;

/// <summary>One Wombat a data directory. The lock dies with the process, however it dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private static readonly HashSet<string> SystemFolders = new(StringComparer.Ordinal)
    {
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/media",
        "/mnt",
        "/opt",
        "/run",
        "/sbin",
        "/srv",
        "/usr",
        "/usr/local",
        "/var",
        "/var/lib",
    };

    private readonly FileStream file;

    private DataDirectoryLock(FileStream file) => this.file = file;

    /// <summary>Null when another Wombat runs on the directory.</summary>
    public static DataDirectoryLock? TryTake(string dataDirectory)
    {
        var made = Directory.CreateDirectory(dataDirectory, PrivateFiles.FolderMode);
        CloseToOthers(made.ResolveLinkTarget(returnFinalTarget: true) as DirectoryInfo ?? made);
        try
        {
            return new DataDirectoryLock(PrivateFiles.OpenLock(Path.Combine(dataDirectory, "wombat.lock")));
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Its group may pass where the embedded PostgreSQL has to. A folder of the system's is not Wombat's to close.
    private static void CloseToOthers(DirectoryInfo folder)
    {
        const UnixFileMode Allowed = PrivateFiles.FolderMode | UnixFileMode.GroupExecute;
        var isShared =
            folder.UnixFileMode.HasFlag(UnixFileMode.StickyBit) || folder.Parent is null || SystemFolders.Contains(folder.FullName);
        if ((folder.UnixFileMode & ~Allowed) != UnixFileMode.None && !isShared)
        {
            folder.UnixFileMode &= Allowed;
        }
    }

    public void Dispose() => file.Dispose();
}
