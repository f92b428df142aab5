using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Jobs;

/// <summary>
/// A durable unit of work with a log. The use case that needs it creates it in its transaction. After that, only the worker that
/// claimed it changes it, except for cancel and retry.
/// </summary>
public sealed class Job
{
    public const string DefaultQueue = "default";
    public const int KindMax = 100;

    /// <summary>The maximum number of waiting start, stop and restart jobs of a resource.</summary>
    public const int WaitingOfResourceMax = 20;

    /// <summary>The priority from which a job runs before older jobs of its resource.</summary>
    public const short Urgent = -100;

    private Job() { }

    public Guid Id { get; private set; }

    /// <summary>The job kind, such as <c>resource.provision</c>.</summary>
    public string Kind { get; private set; } = "";

    public string Queue { get; private set; } = DefaultQueue;

    /// <summary>The arguments as JSON for the handler. Must not contain secrets.</summary>
    public string Arguments { get; private set; } = "{}";

    /// <summary>Whether it may run again by itself after a lost worker or an unknown error.</summary>
    public bool IsRepeatable { get; private set; } = true;

    /// <summary>The priority within a project. Lower values run first.</summary>
    public short Priority { get; private set; }

    public JobState State { get; private set; }

    public DateTimeOffset RunAt { get; private set; }

    public int Attempt { get; private set; }

    public int MaxAttempts { get; private set; }

    /// <summary>When the worker's lease expires unless it is renewed.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>The worker process that holds the job, or held it last.</summary>
    public Guid? Worker { get; private set; }

    /// <summary>0 to 100, or null if unknown.</summary>
    public short? Progress { get; private set; }

    public JobError? Error { get; private set; }

    public bool CancelRequested { get; private set; }

    public Guid? ProjectId { get; private set; }

    /// <summary>The resource. Jobs of one resource run one at a time in the order of their creation.</summary>
    public Guid? ResourceId { get; private set; }

    /// <summary>The job whose handler created this one.</summary>
    public Guid? ParentId { get; private set; }

    /// <summary>The name of the actor who requested the job, at that time.</summary>
    public string RequestedBy { get; private set; } = "";

    /// <summary>The id of the actor; null for Wombat itself.</summary>
    public Guid? RequestedById { get; private set; }

    /// <summary>The trace id of the request that created the job; null for Wombat itself.</summary>
    public string? RequestId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    public bool IsEnded => State.IsEnded();

    private string StateText => State == JobState.WaitingRetry ? "waiting for its next attempt" : State.ToString().ToLowerInvariant();

    public static Job Create(
        string kind,
        Actor requestedBy,
        DateTimeOffset now,
        JobTarget? target = null,
        string arguments = "{}",
        JobOptions? options = null,
        Guid? parentId = null,
        TimeSpan delay = default
    )
    {
        var (attempts, isRepeatable, priority) = options ?? new JobOptions();
        return new()
        {
            Id = Uuid7.At(now),
            Kind = kind,
            Arguments = arguments,
            IsRepeatable = isRepeatable,
            Priority = priority,
            State = JobState.Queued,
            RunAt = now + delay,
            MaxAttempts = attempts,
            ParentId = parentId,
            ProjectId = target?.ProjectId,
            ResourceId = target?.ResourceId,
            RequestedBy = requestedBy.Name,
            RequestedById = requestedBy.Id,
            CreatedAt = now,
        };
    }

    /// <summary>
    /// Requests the cancellation. Returns true if the job was waiting and is now cancelled; otherwise its worker ends it.
    /// </summary>
    /// <param name="needsWorker">Whether a worker has to end what an earlier attempt has started, also if the job is waiting.</param>
    /// <exception cref="ConflictException">The job has already ended.</exception>
    public bool Cancel(string by, DateTimeOffset now, bool needsWorker = false)
    {
        if (IsEnded)
        {
            throw new ConflictException(ErrorCode.JobEnded, $"The job has already ended: {StateText}.");
        }

        CancelRequested = true;
        if (State == JobState.Running)
        {
            return false;
        }

        if (needsWorker)
        {
            (State, RunAt) = (JobState.Queued, now);
            return false;
        }

        State = JobState.Cancelled;
        Error = new JobError(JobError.Cancelled, $"Cancelled by {by} before it started.", Retryable: true);
        FinishedAt = now;
        return true;
    }

    /// <summary>Sets when a waiting job may start.</summary>
    public void StartAt(DateTimeOffset time) => RunAt = time;

    /// <summary>Sets how many attempts are left.</summary>
    public void AllowAttempts(int attempts) => MaxAttempts = Attempt + attempts;

    /// <summary>Queues an ended job again with more attempts. The caller becomes its requester.</summary>
    /// <exception cref="ConflictException">The job has not ended or has succeeded.</exception>
    public void Retry(Actor by, int attempts, DateTimeOffset now)
    {
        if (!State.IsRetryable())
        {
            throw new ConflictException(
                ErrorCode.JobNotRetryable,
                $"Only a failed, cancelled or interrupted job can be retried; this one is {StateText}."
            );
        }

        State = JobState.Queued;
        RequestedBy = by.Name;
        RequestedById = by.Id;
        MaxAttempts = Attempt + attempts;
        CancelRequested = false;
        Error = null;
        Progress = null;
        RunAt = now;
        FinishedAt = null;
    }
}
