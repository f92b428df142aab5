using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>Conditions on runs; null for any.</summary>
/// <param name="RequestedBy">The login of the requester.</param>
/// <param name="Since">Requested at this time or later.</param>
/// <param name="Until">Requested before this time.</param>
/// <param name="Host">The machine that ran it.</param>
/// <param name="AwaitsApproval">Only those that wait for a second person, which the caller is.</param>
/// <param name="ParentId">
/// Only the runs that belong to this one on several hosts. Without it they are left out, unless a host is named.
/// </param>
/// <param name="ScheduleId">Only those that this schedule requested.</param>
public sealed record RunFilter(
    Guid? ProjectId,
    Guid? CommandId,
    IReadOnlyList<JobState>? Statuses,
    string? RequestedBy,
    DateTimeOffset? Since,
    DateTimeOffset? Until,
    int? ExitCode,
    string? Host,
    bool AwaitsApproval,
    Guid? ParentId,
    Guid? ScheduleId
)
{
    /// <summary>Whether the runs on single hosts count, too, that belong to a run on several.</summary>
    public bool IncludesParts { get; init; }
}
