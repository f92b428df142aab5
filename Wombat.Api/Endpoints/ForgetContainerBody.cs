using System.ComponentModel.DataAnnotations;

namespace Wombat.Api.Endpoints;

/// <summary>Confirms that a container is removed from Wombat without being deleted on its server.</summary>
internal sealed class ForgetContainerBody
{
    /// <summary>The container's name, as a confirmation.</summary>
    /// <example>web</example>
    [Required]
    public string? Name { get; init; }
}
