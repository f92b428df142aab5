namespace Wombat.Infrastructure.Jobs;

/// <summary>Why a run is told to stop.</summary>
public enum StopReason
{
    None,
    Cancelled,
    Shutdown,
    LeaseLost,
}
