namespace Wombat.Domain.Containers;

/// <summary>The sizes that a resize gives a container; null keeps the present value.</summary>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB.</param>
/// <param name="Name">The named size that the values come from; null when they were given one by one.</param>
public sealed record ContainerSize(int? Cpu, int? Memory, int? Disk, string? Name = null);
