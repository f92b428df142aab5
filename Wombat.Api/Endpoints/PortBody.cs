using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Wombat.Domain.Containers;
using Limits = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>A port of a container to publish.</summary>
internal sealed class PortBody
{
    /// <summary>The TCP port inside the container.</summary>
    /// <example>8080</example>
    [Required]
    [Range(Limits.PortMin, Limits.PortMax)]
    public int? Container { get; init; }

    /// <summary>The TCP port of the host, from the range of the setting publish.ports; chosen when absent, null or "auto".</summary>
    [JsonConverter(typeof(AutoPortConverter))]
    public int? Host { get; init; }

    internal static IReadOnlyList<PortMapping> ToMappings(PortBody?[]? ports) =>
        [.. (ports ?? []).Select(p => new PortMapping(p?.Container ?? 0, p?.Host))];
}
