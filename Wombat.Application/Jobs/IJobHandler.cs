using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>
/// Does the work of one kind of job, named by <see cref="JobKindAttribute"/>. Made anew for every run, with a context of its own.
/// <para>What <see cref="RunAsync"/> leaves changed in the context is saved in the transaction that ends the job, so
/// the change and the end commit together. A run may be repeated after a crash at any point: it must find what an
/// earlier run has done.</para>
/// </summary>
public interface IJobHandler
{
    /// <summary>Returns when done; throws to fail, <see cref="JobSnoozedException"/> to be called again later. Ends soon when cancelled.</summary>
    Task RunAsync(JobRun run, CancellationToken cancel);

    /// <summary>The job failed for good or was cancelled. Changes are saved with that end.</summary>
    Task EndedAsync(EndedJob job, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>A person asks for an ended job again. Throws a conflict where that makes no sense now; changes are saved with it.</summary>
    Task RequeuedAsync(Job job, CancellationToken cancel) => Task.CompletedTask;
}

/// <summary>The kind of job that a handler does, unique, and what callers need who retry or cancel such jobs.</summary>
/// <param name="retry">The permission of what the job does: a retry does it again.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class JobKindAttribute(string kind, Permission retry) : Attribute
{
    private Permission? cancel;

    public string Kind { get; } = kind;

    public Permission Retry { get; } = retry;

    /// <summary>As for a retry, unless declared otherwise.</summary>
    public Permission Cancel
    {
        get => cancel ?? Retry;
        set => cancel = value;
    }
}

/// <summary>One attempt at a job, as its handler sees it.</summary>
/// <param name="Progress">What an earlier run reported; null on a fresh one.</param>
public sealed record JobRun(
    Guid Id,
    string Kind,
    int Attempt,
    int MaxAttempts,
    Guid? ProjectId,
    Guid? ResourceId,
    string Payload,
    short? Progress,
    IJobLog Log
);

/// <summary>A job that failed for good or was cancelled.</summary>
public sealed record EndedJob(Guid Id, string Kind, Guid? ProjectId, Guid? ResourceId, JobState State, JobError Error);

/// <summary>The job's log. Awaiting a write is the back-pressure: what was accepted will be stored, in order, once.</summary>
public interface IJobLog
{
    /// <summary>Adds one line. Line ends inside it make several.</summary>
    ValueTask WriteAsync(string text, CancellationToken cancel, LogStream stream = LogStream.System);
}

/// <summary>Where a line came from.</summary>
public enum LogStream
{
    /// <summary>Wombat itself.</summary>
    System,
    Stdout,
    Stderr,
}

/// <summary>The job fails; its message is read by users.</summary>
public sealed class JobFailedException(string code, string message, bool retryable = false) : Exception(message)
{
    public string Code { get; } = code;

    public bool Retryable { get; } = retryable;
}

/// <summary>Not done yet: call again after <paramref name="delay"/>, without counting an attempt.</summary>
public sealed class JobSnoozedException(TimeSpan delay, short? progress = null) : Exception("The job looks again later.")
{
    public TimeSpan Delay { get; } = delay;

    public short? Progress { get; } = progress;
}
