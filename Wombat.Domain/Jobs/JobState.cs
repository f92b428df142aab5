namespace Wombat.Domain.Jobs;

/// <summary>
/// A job goes from queued through running to succeeded, failed, cancelled or interrupted; between two attempts it is waiting_retry. An
/// interrupted job lost its worker while it ran and runs again only when a user retries it.
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
