using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// What all Wombats of this machine share, in a folder of root: several of them can run beside each other. FORGE_LXC_STATE_DIR names
/// another folder.
/// </summary>
internal static class HostState
{
    private const string DefaultFolder = "/var/lib/wombat/forge";
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The present boot of the machine.</summary>
    public static string Boot { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <param name="part">What it holds, such as "networks".</param>
    public static string Folder(string part) => Path.Combine(Backends.Setting("FORGE_LXC_STATE_DIR") ?? DefaultFolder, part);

    /// <summary>Creates the folder of a part if it is missing, and takes a lock in it.</summary>
    /// <exception cref="ForgeException">Unavailable: another forge process holds the lock.</exception>
    public static Task<FileStream> LockAsync(string folder, string name, string activity, CancellationToken cancel, TimeSpan? poll = null)
    {
        var state = Path.GetDirectoryName(folder)!;
        if (Path.GetDirectoryName(state) is { } parent && !Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent, PassableFolder.Mode);
        }

        PrivateFiles.EnsureFolder(state);
        PrivateFiles.EnsureFolder(folder);
        return FileLock.AcquireAsync(Path.Combine(folder, name), activity, LockTimeout, cancel, poll);
    }
}
