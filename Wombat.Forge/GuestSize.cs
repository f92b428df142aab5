namespace Wombat.Forge;

/// <summary>The size of a container; null leaves a value as it is, or to the back end.</summary>
/// <param name="Cpu">Cores.</param>
/// <param name="Memory">MiB.</param>
/// <param name="Disk">GiB.</param>
internal sealed record GuestSize(int? Cpu, int? Memory, int? Disk);
