using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;
using Wombat.Domain.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>A snapshot to make of a container.</summary>
internal sealed class CreateSnapshotBody
{
    /// <summary>Unique among the snapshots of the container: lower-case letters, digits and hyphens.</summary>
    /// <example>before-upgrade</example>
    [Required]
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    /// <summary>When it is deleted; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal CreateSnapshot ToArguments() => new(Name, ExpiresAt);
}
