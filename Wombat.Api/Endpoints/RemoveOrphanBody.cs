using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>Confirms that an orphan is deleted with its data.</summary>
internal sealed class RemoveOrphanBody
{
    /// <summary>The orphan's name, as a confirmation.</summary>
    /// <example>shop-web-0a1b2c3d</example>
    [Required]
    public string? Name { get; init; }
}
