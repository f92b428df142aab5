namespace Wombat.Domain.Containers;

/// <summary>What was asked for; null leaves it to the plugin.</summary>
/// <param name="Cpu">Cores.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="DiskGiB">Root file system in GiB.</param>
public sealed record ContainerSize(int? Cpu, int? MemoryMiB, int? DiskGiB)
{
    public static readonly ContainerSize Unset = new(null, null, null);
}
