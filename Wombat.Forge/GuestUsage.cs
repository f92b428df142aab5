using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>What a running container uses. Null: this machine does not tell.</summary>
/// <param name="Started">Its start, in ticks of the machine since its boot: other counters belong to other starts.</param>
/// <param name="CpuMs">CPU time since its start, in milliseconds.</param>
/// <param name="Memory">Memory in bytes, without files that can be dropped from memory at once.</param>
/// <param name="Disk">Bytes in use on its disk; null if it has no disk of its own.</param>
/// <param name="Received">Bytes received by its network link since its start.</param>
/// <param name="Sent">Bytes sent.</param>
internal sealed record GuestUsage(
    string Id,
    string? Key,
    long? Started,
    long? CpuMs,
    long? Memory,
    long? Disk,
    long? Received,
    long? Sent,
    long? Processes
)
{
    public JsonObject ToJson() =>
        new()
        {
            ["id"] = Id,
            ["key"] = Key,
            ["started"] = Started,
            ["cpu_ms"] = CpuMs,
            ["memory"] = Memory,
            ["disk"] = Disk,
            ["received"] = Received,
            ["sent"] = Sent,
            ["processes"] = Processes,
        };
}
