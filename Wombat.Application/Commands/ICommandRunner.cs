using Wombat.Application.Jobs;

namespace Wombat.Application.Commands;

/// <summary>Runs programs on this machine for runs of commands.</summary>
public interface ICommandRunner
{
    /// <summary>What this machine cannot do for runs, such as limits of memory; empty if it can do all.</summary>
    Task<IReadOnlyList<string>> GetRestrictionsAsync();

    /// <summary>The account that runs the programs.</summary>
    string Account { get; }

    /// <summary>
    /// Runs a program as the configured account with a clean environment, in a process namespace and with limits where this machine
    /// allows that, and writes its output to the log. All its processes have ended when the call returns. A cancellation does not throw:
    /// the result says how the processes ended.
    /// </summary>
    /// <exception cref="JobFailedException">The program was not started.</exception>
    Task<RunResult> RunAsync(RunCall call, IJobLog log, CancellationToken cancel);
}
