using System.ComponentModel.DataAnnotations;
using Wombat.Application.Containers;
using Container = Wombat.Domain.Containers.Container;

namespace Wombat.Api.Endpoints;

/// <summary>The sizes that a container gets. At least one is required; one that is absent keeps its value.</summary>
internal sealed class ResizeContainerBody
{
    /// <summary>One of the sizes that GET /sizes lists; cpu, memory and disk replace its values. A larger disk stays.</summary>
    /// <example>medium</example>
    [StringLength(Container.NameMax, MinimumLength = 1)]
    [RegularExpression(Container.NamePattern)]
    public string? Size { get; init; }

    /// <summary>Number of cores.</summary>
    /// <example>2</example>
    [Range(Container.CpuMin, Container.CpuMax)]
    public int? Cpu { get; init; }

    /// <summary>Memory in MiB.</summary>
    /// <example>128</example>
    [Range(Container.MemoryMinMiB, Container.MemoryMaxMiB)]
    public int? Memory { get; init; }

    /// <summary>Disk in GiB; it can only grow.</summary>
    [Range(Container.DiskMinGiB, Container.DiskMaxGiB)]
    public int? Disk { get; init; }

    internal ResizeContainer ToArguments() => new(Cpu, Memory, Disk, Size);
}
