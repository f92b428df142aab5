using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Wombat.Infrastructure.Processes;

/// <summary>A file in memory that only programs of Wombat's own account can open. It ends with Wombat, however that ends.</summary>
internal sealed partial class MemoryFile : IDisposable
{
    private const uint CloseOnExec = 1;

    private readonly SafeFileHandle handle;

    /// <exception cref="IOException">The kernel refuses it.</exception>
    public MemoryFile(string content)
    {
        var descriptor = Create("wombat", CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"memfd_create failed with the error {Marshal.GetLastPInvokeError()}.");
        }

        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        File.SetUnixFileMode(handle, PrivateFiles.FileMode);
        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(content), 0);
        Path = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{descriptor}");
    }

    /// <summary>Where another program opens it.</summary>
    public string Path { get; }

    public void Dispose() => handle.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Create(string name, uint flags);
}
