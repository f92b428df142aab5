namespace Wombat.Domain.Containers;

/// <summary>The sizes that a resize gives a container; null keeps the present value.</summary>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB.</param>
public sealed record ContainerSize(int? Cpu, int? Memory, int? Disk);
