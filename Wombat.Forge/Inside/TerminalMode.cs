using System.Runtime.InteropServices;

namespace Wombat.Forge.Inside;

/// <summary>The settings of a terminal, to change and to restore.</summary>
internal sealed unsafe partial class TerminalMode
{
    // Larger than struct termios on every Linux.
    private const int SettingsBytes = 256;

    private readonly byte[] settings = new byte[SettingsBytes];

    private TerminalMode() { }

    /// <summary>Sets raw mode: bytes pass unchanged in both directions, and no key means a signal.</summary>
    /// <returns>The settings from before.</returns>
    public static TerminalMode MakeRaw(int file)
    {
        var before = new TerminalMode();
        var raw = new byte[SettingsBytes];
        fixed (byte* saved = before.settings)
        fixed (byte* changed = raw)
        {
            _ = GetSettings(file, saved);
            before.settings.CopyTo(raw, 0);
            ChangeToRaw(changed);
            _ = SetSettings(file, 0, changed);
        }

        return before;
    }

    public void Restore(int file)
    {
        fixed (byte* saved = settings)
        {
            _ = SetSettings(file, 0, saved);
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetSettings(int file, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetSettings(int file, int actions, byte* settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void ChangeToRaw(byte* settings);
}
