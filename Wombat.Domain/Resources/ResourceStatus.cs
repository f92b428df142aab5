namespace Wombat.Domain.Resources;

/// <summary>
/// pending → provisioning → running ⇄ stopped; running and stopped → missing when it is gone outside;
/// any → unknown while its host is not heard of;
/// any → error when a job failed; any → deleting → deleted.
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
}
