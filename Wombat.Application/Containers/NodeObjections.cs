using Wombat.Application.Plugins;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Compares the node that a request names with those of a plugin that has nodes.</summary>
internal static class NodeObjections
{
    public static IEnumerable<PlanObjection> Find(IPlugin plugin, ContainerSpec spec) =>
        spec.Node is { } node
        && plugin is IPlacesContainers { Nodes: { Count: > 0 } nodes }
        && !nodes.Contains(node, StringComparer.Ordinal)
            ? [new PlanObjection("node", $"must be one of {string.Join(", ", nodes)}")]
            : [];
}
