namespace Wombat.Domain.Containers;

/// <summary>A size of containers that the platform team has named.</summary>
/// <param name="Name">Such as "small"; see <see cref="Container.NameRegex"/>.</param>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB; null leaves it to the plugin.</param>
public sealed record NamedSize(string Name, int Cpu, int Memory, int? Disk);
