namespace Wombat.Infrastructure.Processes;

/// <summary>Folders and files that no other account may enter or read, whatever the umask is.</summary>
public static class PrivateFiles
{
    public const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder where there is none, and takes it from others where an earlier version left it open.</summary>
    public static void EnsureFolder(string path)
    {
        if (Directory.CreateDirectory(path, FolderMode).UnixFileMode != FolderMode)
        {
            File.SetUnixFileMode(path, FolderMode);
        }
    }

    /// <summary>Opens a file under which a lock is held as long as it is open.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public static FileStream OpenLock(string path)
    {
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = System.IO.FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = FileMode,
            }
        );
        if (File.GetUnixFileMode(file.SafeFileHandle) != FileMode)
        {
            File.SetUnixFileMode(file.SafeFileHandle, FileMode);
        }

        return file;
    }

    /// <summary>Writes a file anew.</summary>
    public static void Write(string path, string content)
    {
        File.Delete(path);
        using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = System.IO.FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = FileMode,
            }
        );
        using var writer = new StreamWriter(file);
        writer.Write(content);
    }
}
