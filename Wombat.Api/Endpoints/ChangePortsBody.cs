using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Containers;
using Limits = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>All published ports of a container.</summary>
internal sealed class ChangePortsBody
{
    /// <summary>What is not among them is no longer published.</summary>
    [Required]
    [MaxLength(Limits.PortsMax)]
    public PortBody[]? Ports { get; init; }

    internal IReadOnlyList<PortMapping>? ToMappings() => Ports is null ? null : PortBody.ToMappings(Ports);
}
