using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>What the API shows of every resource, whatever its kind.</summary>
public abstract class ResourceDto : IVersioned, IHasActions
{
    public Guid Id { get; init; }

    /// <summary>The project that it belongs to.</summary>
    public Guid ProjectId { get; init; }

    /// <summary>The name of its project; only in lists over all projects.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProjectName { get; set; }

    /// <summary>Unique among the resources of its kind in the project.</summary>
    public string Name { get; init; } = "";

    /// <summary>The state at the last observation, or as set by a job.</summary>
    public ResourceStatus Status { get; init; }

    /// <summary>The reason for the status; null if there is none.</summary>
    public string? StatusReason { get; init; }

    /// <summary>The plugin instance that provides it.</summary>
    public string Plugin { get; init; } = "";

    /// <summary>The plugin's id for it; null until it has been created there.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Its name on the server, such as the host name.</summary>
    public string ExternalName { get; init; } = "";

    /// <summary>The host of a resource whose plugin is host-bound; null otherwise and before the first attempt to create it.</summary>
    public string? HostName { get; init; }

    /// <summary>When the plugin last reported its state.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>When the last attempt to delete it failed. It can be forgotten until it is observed again.</summary>
    public DateTimeOffset? DeleteFailedAt { get; init; }

    /// <summary>When it is deleted; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether a request to delete it is refused.</summary>
    public bool DeletionProtection { get; init; }

    /// <summary>Until when a deleted one can be restored; null when it is not deleted, or gone.</summary>
    public DateTimeOffset? RestorableUntil { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes; an If-Match compares it.</summary>
    public int Version { get; init; }

    /// <summary>What the caller may do with it in its present state.</summary>
    [Required]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string[]? Actions { get; set; }
}
