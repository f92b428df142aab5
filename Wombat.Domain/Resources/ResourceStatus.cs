namespace Wombat.Domain.Resources;

/// <summary>
/// A resource goes from pending through provisioning to running, and between running and stopped; a kind without a stop is ready instead of
/// running. It is missing when it no longer exists on its server, unknown while its host does not report, in error when a job failed, and
/// goes through deleting to deleted.
/// </summary>
public enum ResourceStatus
{
    Pending,
    Provisioning,
    Running,
    Stopped,
    Error,
    Missing,
    Unknown,
    Deleting,
    Deleted,
    Ready,
    Updating,
    Degraded,
    Frozen,
}
