using Wombat.Domain.Access;

namespace Wombat.Infrastructure.Jobs;

/// <summary>The data of a claimed job.</summary>
public sealed record ClaimedJob(
    Guid Id,
    string Kind,
    int Attempt,
    int MaxAttempts,
    Guid? ProjectId,
    Guid? ResourceId,
    string Arguments,
    bool IsRepeatable,
    Guid? ParentId,
    Actor RequestedBy,
    short? Progress,
    bool CancelRequested,
    string? RequestId = null,
    string? TraceParent = null
);
