using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Resources;
using Wombat.Domain.Audit;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Reconciliation;

/// <summary>Starts again what a restart of its machine has stopped.</summary>
internal sealed class InterruptedResources(ResourceKinds kinds, JobScheduler jobs, AuditLog auditLog)
{
    private const string Start = "start";

    /// <summary>Enqueues the start of a resource that was running until the observation, which is recorded. The caller saves.</summary>
    public void Continue(Resource resource, ResourceStatus before, ResourceObservation seen)
    {
        // Unknown: its host was away.
        var wasRunning = before is ResourceStatus.Running or ResourceStatus.Degraded or ResourceStatus.Unknown;
        if (seen.IsInterrupted && wasRunning && resource is { Status: ResourceStatus.Stopped, StartsOnBoot: true })
        {
            jobs.Enqueue(kinds.Of(resource).Operation(Start).Job, new JobTarget(resource.ProjectId, resource.Id));
            auditLog.Record<object>(EventAction.OfOperation(resource.Kind, Start), resource.Kind, resource.Id, resource.ProjectId);
        }
    }
}
