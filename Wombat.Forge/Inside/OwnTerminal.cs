using System.Runtime.InteropServices;

namespace Wombat.Forge.Inside;

/// <summary>The terminal from which forge was started, in raw mode until it is disposed: every key goes to the program inside.</summary>
internal sealed partial class OwnTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const nuint GetSize = 0x5413;

    private readonly TerminalMode before = TerminalMode.MakeRaw(StandardInput);

    private OwnTerminal() { }

    public static TerminalSize Size
    {
        get
        {
            var size = new WindowSize();
            return Control(StandardInput, GetSize, ref size) == 0 && size is { Rows: > 0, Columns: > 0 }
                ? new TerminalSize(Math.Min((int)size.Rows, TerminalSize.Max), Math.Min((int)size.Columns, TerminalSize.Max))
                : TerminalSize.Usual;
        }
    }

    /// <exception cref="ForgeException">Usage: standard input is not a terminal.</exception>
    public static OwnTerminal Open() =>
        IsTerminal(StandardInput) == 1
            ? new OwnTerminal()
            : throw new ForgeException(ExitCode.Usage, "standard input is not a terminal; a program uses --frames");

    public void Dispose() => before.Restore(StandardInput);

    [LibraryImport("libc", EntryPoint = "isatty")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int IsTerminal(int file);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Control(int file, nuint request, ref WindowSize value);
}
