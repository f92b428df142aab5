namespace Wombat.Application.Containers;

/// <summary>A named size of containers.</summary>
/// <param name="Name">The name for requests.</param>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Disk in GiB; null when the plugin decides.</param>
public sealed record SizeDto(string Name, int Cpu, int Memory, int? Disk);
