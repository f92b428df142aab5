namespace Wombat.Forge.Pve;

/// <summary>Describes the cluster. It is healthy as long as containers can be created on one of its nodes.</summary>
internal sealed class PveHealth(PveClient client, PveSettings settings, PveNodes nodes, PveGuests guests)
{
    /// <exception cref="PveException">No node answers.</exception>
    public async Task<string> DescribeAsync(CancellationToken cancel)
    {
        var version = PveGuests.GetText(await client.GetAsync("version", cancel), "version");
        var usable = nodes.OfSetting(await nodes.ReadAsync(cancel));
        var failures = await Task.WhenAll(usable.Select(n => TryAskAsync(n, cancel)));
        if (failures.All(f => f is not null))
        {
            throw failures.FirstOrDefault() ?? new PveException(PveFailure.Unreachable, "the cluster has no nodes");
        }

        var all = await guests.ScanAsync(cancel);
        var parts = new List<string>
        {
            $"Proxmox VE {version} at {settings.Url.Host}, node{(usable.Count == 1 ? "" : "s")} "
                + $"{string.Join(", ", usable.Select(n => n.Name))}, {all.Count(g => g.Key is not null)} containers",
        };
        parts.AddRange(
            all.Where(g => g.Key is not null)
                .GroupBy(g => g.Key, StringComparer.Ordinal)
                .Where(k => k.Count() > 1)
                .Select(k => $"guests {string.Join(", ", k.Select(g => g.Vmid))} have the same key: all but one are copies")
        );
        parts.AddRange(
            usable
                .Zip(failures)
                .Where(p => p.Second is not null)
                .Select(p => p.First.Name)
                .Concat(all.Where(g => g.IsUnreachable).Select(g => g.Node))
                .Distinct(StringComparer.Ordinal)
                .Select(name => $"node {name} is unreachable ({all.Count(g => g.IsUnreachable && g.Node == name)} guests)")
        );
        return string.Join("; ", parts);
    }

    // Other errors, such as a missing privilege, are the same on all nodes.
    private async Task<PveException?> TryAskAsync(PveNode node, CancellationToken cancel)
    {
        if (node.IsAway)
        {
            return new PveException(PveFailure.Unreachable, $"node {node.Name} is {node.Status}");
        }

        try
        {
            await client.GetAsync($"nodes/{node.Name}/tasks", cancel, ("limit", "1"));
            return null;
        }
        catch (PveException e) when (e.Failure == PveFailure.Unreachable)
        {
            return e;
        }
    }
}
