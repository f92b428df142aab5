using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Modes of files that the accounts of a container use.</summary>
internal static class FileModes
{
    /// <summary>Root writes it, everybody reads it.</summary>
    public const UnixFileMode Readable = PrivateFiles.FileMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everybody also runs it.</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
