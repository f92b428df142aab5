using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>The nodes of the simulated cluster.</summary>
public sealed partial class FakePve
{
    private const long GiB = 1L << 30;

    /// <summary>The memory of each node that is in use, in GiB; each has 64.</summary>
    public ConcurrentDictionary<string, int> UsedMemory { get; } = new(StringComparer.Ordinal) { [Node] = 16, [OtherNode] = 32 };

    /// <summary>
    /// Offline nodes: every call about them or their guests fails with 595. The value says whether the cluster has noticed it.
    /// </summary>
    public ConcurrentDictionary<string, bool> OfflineNodes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the cluster no longer knows the names of guests on offline nodes, as after some minutes.</summary>
    public bool ForgetsNames { get; set; }

    /// <summary>Whether the token must not read the memory of nodes.</summary>
    public bool HidesMemory { get; set; }

    /// <summary>Whether clones can be made on other nodes than that of their source.</summary>
    public bool SharesStorage { get; set; }

    public string NodeOf(int id) => guests[id].Node;

    public void MigrateExternally(int id, string node = OtherNode) => guests[id].Node = node;

    private void EnsureReachable(string[] path)
    {
        if (path is ["nodes", var node, ..])
        {
            if (OfflineNodes.ContainsKey(node))
            {
                throw new PveError(595, "No route to host");
            }

            if (!UsedMemory.ContainsKey(node))
            {
                throw new PveError(500, $"hostname lookup '{node}' failed - failed to get address info\n");
            }
        }
    }

    private JsonArray NodeList() =>
        [
            .. UsedMemory.Select(n =>
            {
                var isOffline = OfflineNodes.GetValueOrDefault(n.Key);
                var node = new JsonObject { ["node"] = n.Key, ["status"] = isOffline ? "offline" : "online" };
                if (!HidesMemory && !isOffline)
                {
                    (node["maxmem"], node["mem"]) = (64 * GiB, n.Value * GiB);
                }

                return (JsonNode)node;
            }),
        ];
}
