using System.Globalization;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>The nodes of the cluster, and the choice of one for a new container.</summary>
internal sealed class PveNodes(PveClient client, PveSettings settings)
{
    /// <summary>All nodes of the cluster, as the node that answers sees them.</summary>
    public async Task<IReadOnlyList<PveNode>> ReadAsync(CancellationToken cancel) =>
        [.. (await client.GetAsync("nodes", cancel)).EnumerateArray().Select(Read)];

    /// <summary>The nodes on which containers may be created, in the order of the setting.</summary>
    public IReadOnlyList<PveNode> OfSetting(IReadOnlyList<PveNode> all) =>
        settings.Nodes.Count == 0
            ? all
            : [.. settings.Nodes.Select(name => all.FirstOrDefault(n => n.Name == name) ?? new PveNode(name, PveNode.Missing, null))];

    /// <summary>The wanted node, or else the one with the most free memory.</summary>
    /// <exception cref="ForgeException">Usage: the wanted node is not one of the setting.</exception>
    /// <exception cref="PveException">Unreachable: the node, or all of them, are away.</exception>
    public async Task<string> ChooseAsync(string? wanted, CancellationToken cancel)
    {
        var nodes = OfSetting(await ReadAsync(cancel));
        var candidates = wanted is null ? nodes : [.. nodes.Where(n => n.Name == wanted)];
        if (candidates.Count == 0 && wanted is not null)
        {
            throw new ForgeException(ExitCode.Usage, $"--node: must be one of {Names(nodes)}");
        }

        var chosen =
            candidates.Where(n => !n.IsAway).MaxBy(n => (n.IsOnline, n.FreeMemory ?? -1))
            ?? throw new PveException(PveFailure.Unreachable, $"none of the nodes {Names(candidates)} is online");
        if (candidates.Count > 1 && chosen.FreeMemory is null)
        {
            await Console.Error.WriteLineAsync($"the memory of the nodes cannot be read (Sys.Audit is missing); using {chosen.Name}");
        }

        return chosen.Name;
    }

    private static PveNode Read(JsonElement node) =>
        new(
            PveGuests.GetText(node, "node")!,
            PveGuests.GetText(node, "status") ?? "unknown",
            Number(node, "maxmem") is { } all && Number(node, "mem") is { } used ? all - used : null
        );

    private static long? Number(JsonElement node, string name) =>
        long.TryParse(PveGuests.GetText(node, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Names(IEnumerable<PveNode> nodes) => string.Join(", ", nodes.Select(n => n.Name));
}
