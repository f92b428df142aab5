using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Wombat.Forge.Inside;

/// <summary>The side of a pseudo-terminal that shows what a program prints and types its input.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 0x2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const nuint SetLock = 0x40045431;
    private const nuint GetNumber = 0x80045430;
    private const nuint SetSize = 0x5414;
    private const nuint GetSession = 0x5429;
    private const int SigKill = 9;
    private const int BufferBytes = 64 * 1024;

    private readonly SafeFileHandle handle;
    private readonly FileStream stream;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PseudoTerminal(SafeFileHandle handle, int number)
    {
        this.handle = handle;
        stream = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        Path = string.Create(CultureInfo.InvariantCulture, $"/dev/pts/{number}");
    }

    /// <summary>Completes when something has been printed: lxc-attach is ready, which drops what was typed before.</summary>
    public Task Ready => ready.Task;

    /// <summary>The device that the program has as its terminal.</summary>
    public string Path { get; }

    /// <exception cref="ForgeException">Capacity: the machine has no free pseudo-terminal.</exception>
    public static PseudoTerminal Open(TerminalSize size)
    {
        var device = OpenDevice("/dev/ptmx", ReadWrite | NoControllingTerminal | CloseOnExec);
        int unlocked = 0,
            number = 0;
        if (device.IsInvalid || Control(device, SetLock, ref unlocked) != 0 || Control(device, GetNumber, ref number) != 0)
        {
            var reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            device.Dispose();
            throw new ForgeException(ExitCode.Capacity, $"cannot open a pseudo-terminal on this machine: {reason}");
        }

        var terminal = new PseudoTerminal(device, number);
        terminal.Resize(size);
        return terminal;
    }

    /// <summary>Sets the size; programs on the terminal get SIGWINCH.</summary>
    public void Resize(TerminalSize size)
    {
        var window = new WindowSize { Rows = (ushort)size.Rows, Columns = (ushort)size.Columns };
        _ = Control(handle, SetSize, ref window);
    }

    /// <summary>Types input. Waits while the program does not read.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            await stream.WriteAsync(bytes, cancel);
        }
        catch (IOException)
        {
            // The program has ended.
        }
    }

    /// <summary>Passes on what programs print, until the last one has closed the terminal.</summary>
    public async Task ReadAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> onOutput, CancellationToken cancel)
    {
        var buffer = new byte[BufferBytes];
        for (var isFirst = true; ; isFirst = false)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancel);
            }
            catch (IOException)
            {
                // EIO: no program has the terminal open.
                return;
            }

            if (read == 0)
            {
                return;
            }

            if (isFirst)
            {
                // lxc-attach has changed the mode so that a second carriage return is added to each line end of the container's terminal.
                TerminalMode.MakeRaw((int)handle.DangerousGetHandle());
                ready.SetResult();
            }

            await onOutput(buffer.AsMemory(0, read), cancel);
        }
    }

    /// <summary>Kills the program that leads the session of the terminal. Its own terminal hangs up with it.</summary>
    public void HangUp()
    {
        var session = 0;
        if (!handle.IsClosed && Control(handle, GetSession, ref session) == 0 && session > 1)
        {
            _ = Kill(session, SigKill);
        }
    }

    public void Dispose() => stream.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle OpenDevice(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Control(SafeFileHandle file, nuint request, ref int value);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Control(SafeFileHandle file, nuint request, ref WindowSize value);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int process, int signal);
}
