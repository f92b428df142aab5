using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>The part of a run on several hosts that runs on one of them.</summary>
/// <param name="Part">Null before it starts.</param>
internal sealed record RunPart(RunHost Host, RunWithJob? Part)
{
    public bool IsUnderWay => Part is { Job.IsEnded: false };

    public bool HasFailed => Part is { Job: { IsEnded: true, State: not JobState.Succeeded } };

    /// <summary>One sentence about its end.</summary>
    public string EndText =>
        Part?.Job switch
        {
            { State: JobState.Succeeded } => $"{Host.Name}: succeeded.",
            { Error: { } error } => $"{Host.Name}: {error.Message}",
            _ => $"{Host.Name}: not started.",
        };
}
