using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>The approval of a run by a second person.</summary>
/// <param name="ExpiresAt">When the run is rejected by itself.</param>
/// <param name="DecidedBy">Who has decided; null for its expiry, and until then.</param>
/// <param name="Reason">Why it was rejected.</param>
public sealed record RunApprovalDto(
    ApprovalState State,
    DateTimeOffset ExpiresAt,
    string? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? Reason
)
{
    internal static RunApprovalDto Of(RunApproval approval) =>
        new(approval.State, approval.ExpiresAt, approval.DecidedBy, approval.DecidedAt, approval.Reason);
}
