namespace Wombat.Application.Containers;

/// <summary>What a container used at a time. Null: its host does not tell.</summary>
/// <param name="At">When it was measured.</param>
/// <param name="Cpu">Cores in use on average since the sample before; null for the first one after a start.</param>
/// <param name="Memory">Memory in bytes, without files that can be dropped from memory at once.</param>
/// <param name="Disk">Bytes in use on its disk; null if it has no disk of its own.</param>
/// <param name="Received">Bytes received per second since the sample before.</param>
/// <param name="Sent">Bytes sent per second since the sample before.</param>
/// <param name="Processes">Its processes.</param>
public sealed record ContainerSampleDto(
    DateTimeOffset At,
    double? Cpu,
    long? Memory,
    long? Disk,
    double? Received,
    double? Sent,
    long? Processes
);
