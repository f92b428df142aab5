using System.Runtime.InteropServices;

namespace Wombat.Forge.Inside;

/// <summary>The files that forge inherited from its caller beside the standard streams.</summary>
internal static partial class InheritedFiles
{
    private const uint First = 3;
    private const uint CloseOnExecFlag = 4;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExecDescriptor = 1;

    /// <summary>Keeps them from the programs that forge starts: lxc-attach passes all its open files into the container.</summary>
    public static void CloseOnExec()
    {
        // The kernel has this call since 5.11.
        if (CloseRange(First, uint.MaxValue, CloseOnExecFlag) == 0)
        {
            return;
        }

        foreach (var entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var file) && file >= First)
            {
                _ = SetFlags(file, SetDescriptorFlags, CloseOnExecDescriptor);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "close_range", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseRange(uint first, uint last, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetFlags(int file, int command, int flags);
}
