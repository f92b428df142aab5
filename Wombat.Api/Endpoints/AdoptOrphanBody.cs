using System.ComponentModel.DataAnnotations;
using Wombat.Application.Orphans;
using Wombat.Domain.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>Where an orphan is managed again.</summary>
internal sealed class AdoptOrphanBody
{
    /// <summary>The project that gets the container.</summary>
    [Required]
    public Guid? ProjectId { get; init; }

    /// <summary>The name of the container; the one that it had when absent.</summary>
    /// <example>web</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    internal AdoptOrphan ToRequest(Guid id) => new(id, ProjectId, Name);
}
