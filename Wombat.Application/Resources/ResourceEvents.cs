using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Domain.Audit;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Records the events of resources in one form for use cases, jobs and the reconciler.</summary>
public sealed class ResourceEvents(AuditLog auditLog, ResourceKinds kinds)
{
    /// <summary>Records an action such as <c>container.running</c>.</summary>
    public void RecordStatus(Resource resource, string outcome) => Record(resource, FieldNames.Snake(resource.Status.ToString()), outcome);

    /// <summary>Records an action on the resource, with its state after the action.</summary>
    public void Record(Resource resource, string verb, string outcome) =>
        auditLog.Record(
            EventAction.OfResource(resource.Kind, verb),
            resource.Kind,
            resource.Id,
            resource.ProjectId,
            after: kinds.Of(resource).Snapshot(resource),
            outcome: outcome
        );
}
