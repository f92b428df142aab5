using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Folders that other accounts, such as root of a container, may pass but not list.</summary>
internal static class PassableFolder
{
    public const UnixFileMode Mode = PrivateFiles.FolderMode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder if it does not exist, and gives it the mode if it has another one.</summary>
    public static void Ensure(string path)
    {
        if (Directory.CreateDirectory(path, Mode).UnixFileMode != Mode)
        {
            File.SetUnixFileMode(path, Mode);
        }
    }
}
