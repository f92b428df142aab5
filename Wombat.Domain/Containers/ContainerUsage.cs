namespace Wombat.Domain.Containers;

/// <summary>What a running container uses. Null: its host does not tell.</summary>
/// <param name="Started">A number of its start: counters of another one belong to another start.</param>
/// <param name="CpuMs">CPU time since its start, in milliseconds.</param>
/// <param name="Memory">Memory in bytes, without files that can be dropped from memory at once.</param>
/// <param name="Disk">Bytes in use on its disk; null if it has no disk of its own.</param>
/// <param name="Received">Bytes received since its start.</param>
/// <param name="Sent">Bytes sent since its start.</param>
/// <param name="Processes">Its processes now.</param>
public sealed record ContainerUsage(long? Started, long? CpuMs, long? Memory, long? Disk, long? Received, long? Sent, long? Processes);
