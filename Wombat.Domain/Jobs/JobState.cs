namespace Wombat.Domain.Jobs;

/// <summary>queued → running → succeeded | failed | cancelled, with waiting_retry between attempts.</summary>
public enum JobState
{
    Queued,
    Running,
    WaitingRetry,
    Succeeded,
    Failed,
    Cancelled,
}
