using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The disk space that files take. A file with holes, such as an almost empty WAL segment, takes less than its length.</summary>
internal static partial class AllocatedSize
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint Blocks = 0x400;
    private const int BlockSize = 512;

    /// <summary>In bytes; 0 for a file that does not exist any more.</summary>
    public static long Of(string file) =>
        Read(CurrentFolder, file, NoFollow, Blocks, out var found) == 0 ? (long)found.Blocks * BlockSize : 0;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Read(int folder, string path, int flags, uint mask, out Status status);

    // The part of struct statx that is read; its layout is the same on all architectures.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(48)]
        public ulong Blocks;
    }
}
