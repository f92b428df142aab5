using Wombat.Domain.Containers;

namespace Wombat.Application.Containers;

/// <summary>Gives a container other sizes. The arguments of the operation; null keeps the present value.</summary>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB.</param>
/// <param name="Size">A named size, whose values apply where none is given.</param>
public sealed record ResizeContainer(int? Cpu, int? Memory, int? Disk, string? Size = null)
{
    public ContainerSize ToSize() => new(Cpu, Memory, Disk, Size);
}
