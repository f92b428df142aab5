using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Wombat.Infrastructure.Processes;

/// <summary>Asks the kernel what a pipe holds, which says more than whether a read has completed on a busy machine.</summary>
internal static partial class UnreadBytes
{
    private const nuint AvailableBytes = 0x541B; // FIONREAD

    /// <summary>Whether the stream is a pipe with bytes that nobody has read.</summary>
    public static bool AreIn(Stream stream) =>
        stream is PipeStream { IsConnected: true } pipe && Control(pipe.SafePipeHandle, AvailableBytes, out var count) == 0 && count > 0;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Control(SafePipeHandle file, nuint request, out int count);
}
