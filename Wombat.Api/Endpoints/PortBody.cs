using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Wombat.Domain.Containers;
using Limits = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>A port of a container to publish. Read-only fields of an answer may be sent along; they are ignored.</summary>
internal sealed class PortBody
{
    /// <summary>The TCP port inside the container.</summary>
    /// <example>8080</example>
    [Required]
    [Range(Limits.PortMin, Limits.PortMax)]
    public int? Container { get; init; }

    /// <summary>
    /// The TCP port of the host, from the range of the setting publish.ports. When absent, null or "auto", it is the one that the port of
    /// the container has, or a free one.
    /// </summary>
    [JsonConverter(typeof(AutoPortConverter))]
    public int? Host { get; init; }

    /// <summary>Ignored.</summary>
    [ReadOnly(true)]
    public string? Url { get; init; }

    /// <summary>Ignored.</summary>
    [ReadOnly(true)]
    public string? Error { get; init; }

    internal static IReadOnlyList<PortMapping> ToMappings(PortBody?[] ports) =>
        [.. ports.Select(p => new PortMapping(p?.Container ?? 0, p?.Host))];
}
