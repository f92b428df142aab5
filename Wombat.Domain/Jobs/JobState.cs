namespace Wombat.Domain.Jobs;

/// <summary>A job goes from queued over running to succeeded, failed or cancelled; between two attempts it is waiting_retry.</summary>
public enum JobState
{
    Queued,
    Running,
    WaitingRetry,
    Succeeded,
    Failed,
    Cancelled,
}
