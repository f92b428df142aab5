using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Gives a container other sizes. The arguments of the operation; null keeps the present value.</summary>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB.</param>
/// <param name="Size">A named size to look up, whose values apply where none is given; null after that.</param>
public sealed record ResizeContainer(int? Cpu, int? Memory, int? Disk, string? Size = null)
{
    /// <summary>The named size that all values come from; null when there is none.</summary>
    public string? SizeName { get; init; }

    public ContainerSize ToSize() => new(Cpu, Memory, Disk, SizeName);
}
