namespace Wombat.Domain.Commands;

/// <summary>What became of the approval that a run needs.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has decided. Nothing was executed.</summary>
    Waiting,

    /// <summary>A second person has approved the run.</summary>
    Approved,

    /// <summary>Somebody has rejected the run.</summary>
    Rejected,

    /// <summary>Nobody has decided in time.</summary>
    Expired,
}
