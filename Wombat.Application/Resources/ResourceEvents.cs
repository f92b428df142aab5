using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Domain.Audit;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Records the events of resources in one form for use cases, jobs and the reconciler.</summary>
public sealed class ResourceEvents(AuditLog auditLog, ResourceKinds kinds)
{
    /// <summary>Records an action such as <c>container.running</c>.</summary>
    public void RecordStatus(Resource resource, string outcome) => Record(resource, FieldNames.Snake(resource.Status.ToString()), outcome);

    /// <summary>Applies an observation, and records the events of what it changed.</summary>
    /// <param name="reason">The status reason, when the observation changes the status or the endpoints.</param>
    public ObservationChange Observe(Resource resource, ResourceObservation seen, string? reason, DateTimeOffset now)
    {
        var before = resource.Drift;
        var change = resource.Observe(seen, reason, now);
        if (change == ObservationChange.Status)
        {
            RecordStatus(resource, "success");
        }

        if (!resource.Drift.SequenceEqual(before))
        {
            auditLog.Record(
                EventAction.OfResource(resource.Kind, resource.Drift.Count > 0 ? "drifted" : "drift_ended"),
                resource.Kind,
                resource.Id,
                resource.ProjectId,
                before: new DriftSnapshot(resource.Name, before),
                after: new DriftSnapshot(resource.Name, resource.Drift)
            );
        }

        return change;
    }

    /// <summary>Records that the resource will expire soon.</summary>
    public void RecordExpiring(Resource resource, DateTimeOffset expiresAt) =>
        auditLog.Record(
            EventAction.OfResource(resource.Kind, "expiring"),
            resource.Kind,
            resource.Id,
            resource.ProjectId,
            after: new ExpiryNotice(resource.Name, expiresAt)
        );

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
