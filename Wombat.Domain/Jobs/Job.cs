using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Jobs;

/// <summary>
/// A durable unit of work with a log. Made by the use case that asks for it, in its transaction; from then on the
/// worker that claimed it is the only one to change it, but for cancel and retry by hand.
/// </summary>
public sealed class Job
{
    public const string DefaultQueue = "default";
    public const int KindMax = 100;

    /// <summary>Starts, stops and restarts of one resource that wait at once.</summary>
    public const int WaitingOfResourceMax = 20;

    /// <summary>The priority from which on a job also goes ahead of older jobs of its resource.</summary>
    public const short Urgent = -100;

    private Job() { }

    public Guid Id { get; private set; }

    /// <summary>Names the handler, such as <c>resource.provision</c>.</summary>
    public string Kind { get; private set; } = "";

    public string Queue { get; private set; } = DefaultQueue;

    /// <summary>The arguments as JSON that only the handler reads. Holds no secret.</summary>
    public string Arguments { get; private set; } = "{}";

    /// <summary>Whether it may run again by itself after a lost worker or an unknown error.</summary>
    public bool IsRepeatable { get; private set; } = true;

    /// <summary>Lower runs first, within one project.</summary>
    public short Priority { get; private set; }

    public JobState State { get; private set; }

    public DateTimeOffset RunAt { get; private set; }

    public int Attempt { get; private set; }

    public int MaxAttempts { get; private set; }

    /// <summary>Until when the worker's claim holds unless it renews it.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>The worker process that holds or last held it.</summary>
    public Guid? Worker { get; private set; }

    /// <summary>0 to 100, or null where the handler cannot tell.</summary>
    public short? Progress { get; private set; }

    public JobError? Error { get; private set; }

    public bool CancelRequested { get; private set; }

    public Guid? ProjectId { get; private set; }

    /// <summary>Jobs of one resource run one at a time, in the order in which they were asked for.</summary>
    public Guid? ResourceId { get; private set; }

    /// <summary>The job whose handler asked for this one.</summary>
    public Guid? ParentId { get; private set; }

    /// <summary>Whose work it is: the name that the actor had then.</summary>
    public string RequestedBy { get; private set; } = "";

    /// <summary>The actor's id; null for Wombat itself.</summary>
    public Guid? RequestedById { get; private set; }

    /// <summary>The trace id of the request that asked for it; null for what Wombat does by itself.</summary>
    public string? RequestId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    public bool IsEnded => State.IsEnded();

    private string StateInWords => State == JobState.WaitingRetry ? "waiting for its next attempt" : State.ToString().ToLowerInvariant();

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

    /// <summary>Asks for the end. Returns true when nothing ran and the job has ended by this; else its worker will end it.</summary>
    /// <exception cref="ConflictException">It has ended already.</exception>
    public bool Cancel(string by, DateTimeOffset now)
    {
        if (IsEnded)
        {
            throw new ConflictException(ErrorCode.JobEnded, $"The job has already ended: {StateInWords}.");
        }

        CancelRequested = true;
        if (State == JobState.Running)
        {
            return false;
        }

        State = JobState.Cancelled;
        Error = new JobError(JobError.Cancelled, $"Cancelled by {by} before it ran.", Retryable: true);
        FinishedAt = now;
        return true;
    }

    /// <summary>Queues an ended job again with more attempts, as the work of who asks for it now.</summary>
    /// <exception cref="ConflictException">It has not ended, or it succeeded.</exception>
    public void Retry(Actor by, int attempts, DateTimeOffset now)
    {
        if (!State.IsRetryable())
        {
            throw new ConflictException(
                ErrorCode.JobNotRetryable,
                $"Only a failed, cancelled or interrupted job can be retried; this one is {StateInWords}."
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
