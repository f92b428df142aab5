using Wombat.Application.Plugins;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Compares the node that a request names with what its plugin offers.</summary>
internal static class NodeObjections
{
    public static IEnumerable<PlanObjection> Find(IPlugin plugin, ContainerSpec spec)
    {
        if (spec.Node is null)
        {
            yield break;
        }

        if (plugin is not IPlacesContainers able)
        {
            yield return new PlanObjection("node", $"must be absent: the plugin {plugin.Name} has no nodes");
        }
        else if (able.Nodes.Count > 0 && !able.Nodes.Contains(spec.Node, StringComparer.Ordinal))
        {
            yield return new PlanObjection("node", $"must be one of {string.Join(", ", able.Nodes)}");
        }
    }
}
