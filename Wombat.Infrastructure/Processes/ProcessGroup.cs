#pragma warning disable RS0030 // Part of the adapter that starts processes.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Processes;

/// <summary>Ends a program and everything that it started.</summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>SIGTERM to the group, and SIGKILL to what is left of it after two seconds. Returns when it is gone.</summary>
    public static async Task EndAsync(Process leader)
    {
        // setsid execs into the program without a fork, so the group bears the child's own id.
        var group = leader.Id;
        if (Kill(-group, SigTerm) != 0)
        {
            await EndUngroupedAsync(leader);
            return;
        }

        for (var waited = TimeSpan.Zero; waited < KillDelay; waited += PollInterval)
        {
            await Task.Delay(PollInterval, CancellationToken.None);
            if (Kill(-group, 0) != 0)
            {
                return;
            }
        }

        // Not the group alone: a child that calls programs this way, too, has given them groups of their own.
        leader.Kill(entireProcessTree: true);
        _ = Kill(-group, SigKill);
        await leader.WaitForExitAsync(CancellationToken.None);
    }

    // There is no group: either all of it has ended, or the child has not created it yet. In the second case it would start its work
    // after its end was reported.
    private static async Task EndUngroupedAsync(Process leader)
    {
        if (leader.HasExited)
        {
            return;
        }

        leader.Kill();
        await leader.WaitForExitAsync(CancellationToken.None);
        _ = Kill(-leader.Id, SigKill);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int pid, int signal);
}
