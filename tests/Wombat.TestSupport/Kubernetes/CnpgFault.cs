namespace Wombat.TestSupport.Kubernetes;

/// <summary>What goes wrong with one cluster of the stand-in operator.</summary>
public sealed record CnpgFault
{
    /// <summary>The phase in which the cluster stays.</summary>
    public string? Phase { get; init; }

    public string? PhaseReason { get; init; }

    /// <summary>Whether the Secret of the database's own user is not written yet.</summary>
    public bool WithholdsSecret { get; init; }

    /// <summary>Why the Pooler has failed.</summary>
    public string? PoolerFailure { get; init; }

    /// <summary>Why backups fail.</summary>
    public string? BackupFailure { get; init; }

    /// <summary>Whether the operator does nothing.</summary>
    public bool IsAway { get; init; }
}
