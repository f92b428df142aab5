using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The folders of the LXC back end in the data folder. Only root can read them; containers pass through two of them.</summary>
internal sealed class LxcFolders(string dataDirectory)
{
    private const long MinFreeBytes = 256L * 1024 * 1024;
    private const UnixFileMode OthersPass = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Holds one folder for each container.</summary>
    public string Path { get; } = System.IO.Path.Combine(dataDirectory, "lxc");

    public string Records => System.IO.Path.Combine(Path, ".forge");

    public string Locks => System.IO.Path.Combine(Path, ".locks");

    public string Images => Backends.Setting("FORGE_LXC_IMAGES") ?? System.IO.Path.Combine(Path, ".images");

    public string SeccompProfile => System.IO.Path.Combine(Records, "seccomp");

    public string RecordFile(string name) => System.IO.Path.Combine(Records, name + ".json");

    /// <summary>The folder of all containers as lxc knows it for this one.</summary>
    public string PathOf(GuestRecord record) => record.Path ?? Path;

    /// <summary>The folder of the container as lxc knows it.</summary>
    public string FolderOf(GuestRecord record) => System.IO.Path.Combine(PathOf(record), record.Name);

    public IEnumerable<GuestRecord> AllRecords() =>
        Directory.EnumerateFiles(Records, "*.json").Select(GuestRecord.Read).OfType<GuestRecord>();

    /// <summary>Creates the folders that are missing and closes those that are open.</summary>
    /// <exception cref="ForgeException">NotAuthorized: not root.</exception>
    public void Prepare()
    {
        // Without root the records could not be read, and every container would look removed.
        if (Environment.UserName != "root")
        {
            throw new ForgeException(
                ExitCode.NotAuthorized,
                "local containers require root: an administrator must run Wombat as root or set FORGE_BACKEND=pve"
            );
        }

        if (!Directory.Exists(dataDirectory))
        {
            Directory.CreateDirectory(dataDirectory, PrivateFiles.FolderMode);
        }

        // Root of a container is no root here, and must reach its files. It can open only the folder of its own container.
        PassableFolder.Ensure(Path);
        PrivateFiles.EnsureFolder(Records);
        PrivateFiles.EnsureFolder(Locks);
    }

    /// <summary>Prepares the folders for a new container.</summary>
    /// <exception cref="ForgeException">Usage, Capacity, NotAuthorized: this machine cannot hold containers, and why.</exception>
    public void EnsureUsable()
    {
        Prepare();

        // Reported here because lxc's own error does not name the cause.
        if (Path.Any(c => char.IsWhiteSpace(c) || "$`\"\\*?[".Contains(c)))
        {
            throw new ForgeException(
                ExitCode.Usage,
                "the data folder cannot hold local containers: lxc accepts no path with white space "
                    + "or any of $ ` \" \\ * ? [; an administrator must set WOMBAT_DATA_DIR to another folder"
            );
        }
    }

    /// <summary>Opens the data folder for passing, and checks the free disk space.</summary>
    /// <exception cref="ForgeException">Capacity: the disk is almost full.</exception>
    public void PrepareForCreation()
    {
        var mode = File.GetUnixFileMode(dataDirectory);
        if ((mode & OthersPass) != OthersPass)
        {
            File.SetUnixFileMode(dataDirectory, mode | OthersPass);
        }

        if (new DriveInfo(Path).AvailableFreeSpace < MinFreeBytes)
        {
            throw new ForgeException(
                ExitCode.Capacity,
                $"less than {MinFreeBytes / 1024 / 1024} MiB of disk space is free for containers; delete containers "
                    + "or ask an administrator for more"
            );
        }
    }
}
