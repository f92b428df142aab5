namespace Wombat.Infrastructure.Jobs;

/// <summary>Why a run is stopped.</summary>
public enum StopReason
{
    None,
    Cancelled,
    Shutdown,
    LeaseLost,
}
