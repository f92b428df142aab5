using Wombat.Infrastructure.Processes;

namespace Wombat.Api.Hosting;

/// <summary>Allows one Wombat per data directory. The operating system releases the lock when the process ends.</summary>
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

    /// <summary>Returns null if another Wombat uses the directory.</summary>
    public static DataDirectoryLock? TryAcquire(string dataDirectory)
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

    // Others may traverse the directory, but not list it, if the embedded PostgreSQL or containers need it. What lies in it is closed to
    // them. The mode of a system folder is not changed.
    private static void CloseToOthers(DirectoryInfo folder)
    {
        const UnixFileMode Allowed = PrivateFiles.FolderMode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var isShared =
            folder.UnixFileMode.HasFlag(UnixFileMode.StickyBit) || folder.Parent is null || SystemFolders.Contains(folder.FullName);
        if ((folder.UnixFileMode & ~Allowed) != UnixFileMode.None && !isShared)
        {
            folder.UnixFileMode &= Allowed;
        }
    }

    public void Dispose() => file.Dispose();
}
