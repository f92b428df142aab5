using Wombat.Domain.Access;
using Wombat.Domain.Members;

namespace Wombat.Domain.Commands;

/// <summary>The approval of a run by a second person.</summary>
public sealed record RunApproval
{
    public const int ReasonMax = 1000;

    public ApprovalState State { get; init; }

    /// <summary>The least role in the project of who may decide.</summary>
    public ProjectRole By { get; init; }

    /// <summary>The person who has requested the run and cannot decide; null if Wombat does not know one.</summary>
    public Guid? RequesterId { get; init; }

    /// <summary>When it is rejected by itself.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The name of who has decided, at that time.</summary>
    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why it was rejected; null without a reason.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the caller is a person, and another one than the requester, whatever credentials both have used.</summary>
    public bool IsSecondPerson(Caller caller) => caller.UserId is { } user && user != RequesterId;
}
