using System.Globalization;

namespace Wombat.Infrastructure.Processes;

/// <summary>Creates folders and files that no other account can access, regardless of the umask.</summary>
public static class PrivateFiles
{
    public const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Creates the folder if it does not exist, and removes the access of other accounts if an earlier version left it open.
    /// </summary>
    public static void EnsureFolder(string path)
    {
        if (Directory.CreateDirectory(path, FolderMode).UnixFileMode != FolderMode)
        {
            File.SetUnixFileMode(path, FolderMode);
        }
    }

    /// <summary>Opens a lock file. The lock is held as long as the file is open.</summary>
    /// <exception cref="IOException">Another process holds the lock.</exception>
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

    /// <summary>Creates or overwrites a file.</summary>
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

    /// <summary>Creates or replaces a file at once: a reader sees the old content or the new one.</summary>
    public static void Replace(string path, string content)
    {
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.new");
        Write(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }
}
