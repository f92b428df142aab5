#pragma warning disable RS0030 // Part of the adapter that starts processes.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Processes;

/// <summary>Ends a program and all processes that it started.</summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends SIGTERM to the group, and SIGKILL after a time to what is left. Returns when the group has ended.</summary>
    /// <param name="grace">The time between the two signals.</param>
    public static async Task<GroupEnd> EndAsync(Process leader, TimeSpan grace)
    {
        // setsid executes the program without a fork, so the group has the process id of the child.
        var group = leader.Id;
        if (Kill(-group, SigTerm) != 0)
        {
            await EndUngroupedAsync(leader);
            return new GroupEnd([], IsGone: true);
        }

        if (await IsGoneAsync(group, grace))
        {
            return new GroupEnd(["SIGTERM"], IsGone: true);
        }

        // Kills the process tree too: a child may have created groups for the programs that it started.
        leader.Kill(entireProcessTree: true);
        _ = Kill(-group, SigKill);
        await leader.WaitForExitAsync(CancellationToken.None);
        return new GroupEnd(["SIGTERM", "SIGKILL"], await IsGoneAsync(group, KillTime));
    }

    private static async Task<bool> IsGoneAsync(int group, TimeSpan within)
    {
        for (var waited = TimeSpan.Zero; waited < within; waited += PollInterval)
        {
            await Task.Delay(PollInterval, CancellationToken.None);
            if (Kill(-group, 0) != 0)
            {
                return true;
            }
        }

        return false;
    }

    // No group exists: either all of it has ended, or the child has not created it yet and would otherwise start its work after this call.
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
