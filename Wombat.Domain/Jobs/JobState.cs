namespace Wombat.Domain.Jobs;

/// <summary>
/// A job goes from queued over running to succeeded, failed, cancelled or interrupted; between two attempts it is waiting_retry. An
/// interrupted job lost its worker while it ran and must not be repeated without a person's decision.
/// </summary>
public enum JobState
{
    Queued,
    Running,
    WaitingRetry,
    Succeeded,
    Failed,
    Cancelled,
    Interrupted,
}
