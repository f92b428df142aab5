namespace Wombat.Domain.Commands;

/// <summary>What happens to a run that is requested while an earlier run of its command has not ended.</summary>
public enum RunConcurrency
{
    /// <summary>It starts beside the earlier one.</summary>
    Parallel,

    /// <summary>It waits until the earlier one has ended.</summary>
    Queue,

    /// <summary>It is refused.</summary>
    Refuse,

    /// <summary>The earlier one is cancelled; the new one starts when it has ended.</summary>
    CancelOlder,
}
