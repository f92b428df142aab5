using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Wombat.Forge.Inside;

/// <summary>
/// The processes that one command started in a container, in whatever group or session, found by a variable of their environment. A
/// process that replaces its environment is not found.
/// </summary>
internal sealed partial class MarkedProcesses
{
    public const string Variable = "FORGE_COMMAND_ID";
    private const int SigTerm = 15;
    private const int SigKill = 9;

    // Shorter than the time that Wombat leaves to forge.
    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    // Processes that start others faster than they are killed are given up.
    private const int MaxKills = 40;

    private readonly byte[] mark;

    public MarkedProcesses()
    {
        Value = RandomNumberGenerator.GetHexString(32, lowercase: true);
        mark = Encoding.ASCII.GetBytes($"{Variable}={Value}");
    }

    /// <summary>The value of the variable.</summary>
    public string Value { get; }

    /// <summary>Sends SIGTERM, and SIGKILL after a second to what is left.</summary>
    public async Task EndAsync()
    {
        var left = Signal(SigTerm);
        for (var waited = TimeSpan.Zero; left > 0 && waited < KillDelay; waited += PollInterval)
        {
            await Task.Delay(PollInterval);
            left = Find().Count();
        }

        for (var kills = 0; left > 0 && kills < MaxKills; kills++)
        {
            left = Signal(SigKill);
            await Task.Delay(PollInterval);
        }
    }

    private int Signal(int signal)
    {
        var found = Find().ToList();
        found.ForEach(process => _ = Kill(process, signal));
        return found.Count;
    }

    private IEnumerable<int> Find()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process) && IsMarked(folder)
            )
            {
                yield return process;
            }
        }
    }

    private bool IsMarked(string folder)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(mark) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int process, int signal);
}
