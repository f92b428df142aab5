using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Domain.Audit;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The events that tell a resource's life, in one form for jobs and reconciler.</summary>
public static class ResourceEvents
{
    /// <summary>Such as <c>container.running</c>, with the status before it had where known.</summary>
    public static void RecordStatus(AuditLog auditLog, Resource resource, string outcome) =>
        Record(auditLog, resource, FieldNames.Snake(resource.Status.ToString()), outcome);

    /// <summary>What was done to it, with how it is now.</summary>
    public static void Record(AuditLog auditLog, Resource resource, string verb, string outcome) =>
        auditLog.Record(
            EventAction.OfResource(resource.Noun, verb),
            resource.Noun,
            resource.Id,
            resource.ProjectId,
            after: new ResourceState(resource.Name, resource.Status, resource.StatusReason, resource.ExternalId, resource.IpAddress),
            outcome: outcome
        );

    /// <summary>What an event tells of a resource.</summary>
    public sealed record ResourceState(string Name, ResourceStatus Status, string? StatusReason, string? ExternalId, string? IpAddress);
}
