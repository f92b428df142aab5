using System.Globalization;
using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Processes;

/// <summary>Finds processes by their working directory and signals only those that were proven to work there.</summary>
internal static partial class FolderProcesses
{
    private const string DeletedSuffix = " (deleted)";
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;

    /// <summary>The processes that run one of the programs with the folder as their working directory, even if it was deleted.</summary>
    /// <param name="programs">File names of programs.</param>
    public static IReadOnlyList<int> In(string folder, params string[] programs)
    {
        var path = RealPath(folder);
        return
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(p => int.TryParse(Path.GetFileName(p), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 0 && Works(id, path, programs)),
        ];
    }

    /// <summary>The file name of the program that a process runs; null if it has ended or cannot be read.</summary>
    public static string? ProgramOf(int id) =>
        Path.GetFileName(LinkTarget($"/proc/{id}/exe"))?.Replace(DeletedSuffix, "", StringComparison.Ordinal);

    /// <summary>
    /// Sends a signal to a process if it runs one of the programs in the folder. The process is held by a descriptor while this is checked,
    /// so another process that gets its id in between is not signalled.
    /// </summary>
    /// <returns>Whether the signal was sent.</returns>
    public static bool Signal(int id, int signal, string folder, params string[] programs)
    {
        var descriptor = (int)Call(PidfdOpen, id, 0, 0, 0);
        if (descriptor < 0)
        {
            return false;
        }

        try
        {
            return Works(id, RealPath(folder), programs) && Call(PidfdSendSignal, descriptor, signal, 0, 0) == 0;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static bool Works(int id, string path, string[] programs) =>
        LinkTarget($"/proc/{id}/cwd") is { } cwd
        && (cwd == path || cwd == path + DeletedSuffix)
        && ProgramOf(id) is { } program
        && programs.Contains(program, StringComparer.Ordinal);

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Resolves symbolic links, as the paths in /proc are. A folder that does not exist has the path of its parent.</summary>
    internal static string RealPath(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var resolved = ResolvePath(full, 0);
        if (resolved == 0)
        {
            return Path.GetDirectoryName(full) is { } parent ? Path.Combine(RealPath(parent), Path.GetFileName(full)) : full;
        }

        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            Free(resolved);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial long Call(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint ResolvePath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void Free(nint memory);
}
