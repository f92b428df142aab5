using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>One attempt at a job, as its handler sees it.</summary>
/// <param name="Arguments">JSON; <see cref="TypedJobKind{TArguments}.ArgumentsOf"/> reads it.</param>
/// <param name="RequestedBy">Whose work it is.</param>
/// <param name="ParentId">The job whose handler created this one.</param>
/// <param name="Progress">The progress that an earlier run reported; null on the first run.</param>
public sealed record JobRun(
    Guid Id,
    string Kind,
    int Attempt,
    int MaxAttempts,
    Guid? ProjectId,
    Guid? ResourceId,
    string Arguments,
    Actor RequestedBy,
    Guid? ParentId,
    short? Progress,
    IJobLog Log
);
