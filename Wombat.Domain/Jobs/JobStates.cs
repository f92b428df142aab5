namespace Wombat.Domain.Jobs;

/// <summary>What the states of a job mean.</summary>
public static class JobStates
{
    /// <summary>Whether the job has ended.</summary>
    public static bool IsEnded(this JobState state) => state is JobState.Succeeded || state.IsRetryable();

    /// <summary>Whether a user can retry the job.</summary>
    public static bool IsRetryable(this JobState state) => state is JobState.Failed or JobState.Cancelled or JobState.Interrupted;
}
