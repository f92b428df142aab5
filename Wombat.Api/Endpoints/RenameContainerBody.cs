using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;
using Wombat.Domain.Containers;

namespace Wombat.Api.Endpoints;

/// <summary>Another name for a container.</summary>
internal sealed class RenameContainerBody
{
    /// <summary>Unique in the project.</summary>
    /// <example>web-old</example>
    [Required]
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Name { get; init; }

    internal RenameContainer ToArguments() => new(Name);
}
