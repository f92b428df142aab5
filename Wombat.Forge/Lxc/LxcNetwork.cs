namespace Wombat.Forge.Lxc;

/// <summary>
/// The networks of a data folder's containers: a bridge and a subnet for each project, made when its first container is created and
/// removed with its last. Containers of a network reach each other; the packet filter closes everything else.
/// </summary>
/// <param name="bridge">A bridge of the administrator that all containers use instead; null for networks.</param>
internal sealed class LxcNetwork(string dataDirectory, string? bridge, NetworkSettings settings)
{
    private const int MaxNetworks = 4096;
    private const int MaxPorts = 65536;

    private readonly NetworkRecords records = new(settings.StateFolder);
    private readonly NetworkFiles files = new(dataDirectory);
    private Dictionary<string, NetworkMember>? members;

    /// <summary>The file that a container's configuration includes.</summary>
    public string ConfigFile(string container) => files.ConfigFile(container);

    public string? Bridge => bridge;

    /// <exception cref="ForgeException">Unavailable: there is no bridge of the name in FORGE_LXC_BRIDGE.</exception>
    public void EnsureBridgeExists()
    {
        if (bridge is not null && !NetworkBridges.Exists(bridge))
        {
            throw new ForgeException(
                ExitCode.Unavailable,
                $"the bridge {bridge} (FORGE_LXC_BRIDGE) does not exist on this server; an administrator must create it, or remove the "
                    + "setting for a network for each project"
            );
        }
    }

    /// <summary>The address of a container in its network; null when it has none.</summary>
    public string? AddressOf(string container) => Find(container)?.Address;

    /// <summary>The end of its network link on this machine; null when it has none.</summary>
    public string? InterfaceOf(string container) => bridge is null ? Find(container)?.Interface : null;

    private NetworkMember? Find(string container)
    {
        members ??= Own(records.All()).SelectMany(n => n.Members).ToDictionary(m => m.Container, StringComparer.Ordinal);
        return members.GetValueOrDefault(container);
    }

    /// <summary>Prepares the network of a container that is about to start.</summary>
    /// <param name="path">The folder of the containers as the container reaches it.</param>
    /// <returns>Why it gets none although one was asked for; null when it gets it.</returns>
    /// <exception cref="ForgeException">Capacity: no subnet or address is free. Nothing is left of the attempt.</exception>
    public async Task<string?> ConnectAsync(GuestRecord record, string path, CancellationToken cancel)
    {
        if (bridge is not null || record.Network is null)
        {
            files.WriteConfig(record.Name, bridge);
            return null;
        }

        try
        {
            var (network, member) = await JoinAsync(record.Name, record.Hostname ?? record.Name, record.Network, cancel);
            files.WriteConfig(network, member, path);
            return null;
        }
        catch (NetworkMissingException e)
        {
            files.WriteConfig(record.Name, bridge: null);
            return $"no network: {e.Message}";
        }
        finally
        {
            members = null;
        }
    }

    /// <summary>Like <see cref="RestoreAsync"/>, but returns the problem when networks cannot be restored.</summary>
    public async Task<string?> TryRestoreAsync(Predicate<string> exists, IReadOnlySet<string> running, CancellationToken cancel)
    {
        try
        {
            await RestoreAsync(exists, running, cancel);
            return null;
        }
        catch (Exception e) when (e is NetworkMissingException or ForgeException or TimeoutException or IOException)
        {
            return $"its network may be interrupted: {e.Message}";
        }
    }

    // Gives a container its address in a network, or finds it, and makes sure that the network is there.
    private async Task<(NetworkRecord Network, NetworkMember Member)> JoinAsync(
        string container,
        string label,
        string networkName,
        CancellationToken cancel
    )
    {
        NetworkPrograms.Find("nft");
        NetworkPrograms.Find("ip");
        NetworkRecord network;
        await using (await records.LockAsync(cancel))
        {
            var all = records.All();
            var found = Own(all).FirstOrDefault(n => n.Name == networkName) ?? await NewAsync(networkName, all, cancel);
            network = WithSettings(found);
            network = network.Find(container) is { } member
                ? network with
                {
                    Members = [.. network.Members.Select(m => m == member ? m with { Label = label } : m)],
                }
                : network with
                {
                    Members = [.. network.Members, NewMember(container, label, network, all)],
                };

            // Files first: what is left when the process ends here is found by the next call.
            files.WriteNames(network);
            records.Write(network);
            await NetworkBridges.EnsureAsync(network, cancel);
        }

        await ApplyAsync(cancel);
        return (network, network.Find(container)!);
    }

    /// <summary>Takes a deleted container out of its network. The last one takes the network along.</summary>
    public async Task LeaveAsync(string container, CancellationToken cancel)
    {
        files.DeleteConfig(container);
        if (!Own(records.All()).Any(n => n.Find(container) is not null))
        {
            return;
        }

        await using (await records.LockAsync(cancel))
        {
            foreach (var network in Own(records.All()).Where(n => n.Find(container) is not null))
            {
                await RemoveMembersAsync(network, m => m.Container == container, cancel);
            }
        }

        await ApplyAsync(cancel);
    }

    /// <summary>
    /// Brings back what somebody removed of the networks of running containers, and removes what is left of deleted ones. Cheap when
    /// everything is in order.
    /// </summary>
    /// <param name="exists">
    /// Whether a container of the data folder exists now. Asked after its network was read: a container that is just being created joins
    /// its network after its record was written.
    /// </param>
    private async Task RestoreAsync(Predicate<string> exists, IReadOnlySet<string> running, CancellationToken cancel)
    {
        var own = Own(records.All()).ToList();
        bool IsStale(NetworkMember member) => !exists(member.Container);
        bool IsInUse(NetworkRecord network) => network.Members.Any(m => running.Contains(m.Container));
        bool NeedsWork(NetworkRecord n) =>
            n.Members.Any(IsStale)
            || IsInUse(n) && (!NetworkBridges.IsComplete(n) || !n.Active || WithSettings(n) is var s && HasOtherSettings(n, s));
        if (own.Any(NeedsWork))
        {
            await using var recordLock = await records.LockAsync(cancel);
            foreach (var network in Own(records.All()).Where(NeedsWork).ToList())
            {
                if (await RemoveMembersAsync(network, IsStale, cancel) is { } kept && IsInUse(kept))
                {
                    var wanted = WithSettings(kept);
                    files.WriteNames(wanted);
                    records.Write(wanted);
                    await NetworkBridges.EnsureAsync(wanted, cancel);
                }
            }
        }

        if (own.Any(n => n.Active))
        {
            await ApplyAsync(cancel);
        }
    }

    /// <summary>Removes the bridges and rules of this data folder. Addresses stay reserved; the next start restores everything.</summary>
    /// <returns>The number of networks.</returns>
    public async Task<int> DownAsync(CancellationToken cancel)
    {
        var count = 0;
        await using (await records.LockAsync(cancel))
        {
            foreach (var network in Own(records.All()).Where(n => n.Active).ToList())
            {
                await NetworkBridges.RemoveAsync(network.Bridge, cancel);
                records.Write(network with { Active = false });
                count++;
            }
        }

        if (count > 0)
        {
            await ApplyAsync(cancel);
        }

        return count;
    }

    /// <summary>What containers of this machine get.</summary>
    public async Task<string> DescribeAsync(CancellationToken cancel)
    {
        if (bridge is not null)
        {
            return $"bridge {bridge}";
        }

        try
        {
            NetworkPrograms.Find("nft");
            NetworkPrograms.Find("ip");
            var foreign = await NetworkTables.FindForwardDropAsync(cancel);
            return $"one network for each project from {string.Join(", ", settings.Pools)}, outgoing connections: "
                + settings.Egress switch
                {
                    Egress.Deny => "none",
                    Egress.Internet => "public addresses",
                    _ => "all",
                }
                + (
                    foreign is null
                        ? ""
                        : $"; warning: the chain {foreign} of another firewall drops forwarded packets, so that outgoing connections, and "
                            + "with br_netfilter those inside a project, may fail: accept the interfaces wb* there (with Docker in the "
                            + "chain DOCKER-USER)"
                );
        }
        catch (NetworkMissingException e)
        {
            return $"containers get no network: {e.Message}";
        }
    }

    private async Task ApplyAsync(CancellationToken cancel)
    {
        var active = records.All().Where(n => n.Active).ToList();
        var forwards = active.Any(n => n.Egress != Egress.Deny);
        if (forwards)
        {
            Uplink.Claim();
        }

        await new NetworkTables(records).ApplyAsync(cancel);
        if (forwards)
        {
            Uplink.Forward();
        }
        else
        {
            Uplink.Release();
        }
    }

    // Returns null when nobody is left in the network, which is then removed.
    private async Task<NetworkRecord?> RemoveMembersAsync(NetworkRecord network, Predicate<NetworkMember> leaves, CancellationToken cancel)
    {
        var kept = network with { Members = [.. network.Members.Where(m => !leaves(m))] };
        if (kept.Members.Count == network.Members.Count)
        {
            return network;
        }

        if (kept.Members.Count > 0)
        {
            files.WriteNames(kept);
            records.Write(kept);
            return kept;
        }

        await NetworkBridges.RemoveAsync(network.Bridge, cancel);
        files.DeleteNames(network);
        records.Delete(network);
        return null;
    }

    private async Task<NetworkRecord> NewAsync(string name, IReadOnlyList<NetworkRecord> all, CancellationToken cancel)
    {
        var others = all.ToList();
        foreach (var orphan in all.Where(n => !Directory.Exists(n.Owner) && !NetworkBridges.HasPorts(n.Bridge)))
        {
            await NetworkBridges.RemoveAsync(orphan.Bridge, cancel);
            records.Delete(orphan);
            others.Remove(orphan);
        }

        var number = Enumerable
            .Range(0, MaxNetworks)
            .Except(others.Select(n => n.Number))
            .Where(n => !NetworkBridges.Exists(NetworkRecord.BridgeOf(n)))
            .Select(n => (int?)n)
            .FirstOrDefault();
        var taken = others.Select(n => n.Subnet).Concat(Uplink.RoutedSubnets()).ToList();
        var subnet = settings
            .Pools.SelectMany(p => p.Split(settings.Prefix))
            .Where(s => !taken.Exists(t => t.Overlaps(s)))
            .Select(s => (Subnet?)s)
            .FirstOrDefault();
        return number is { } free && subnet is { } range
            ? new NetworkRecord(free, dataDirectory, name, range, settings.EgressOf(name), [], Active: true, [])
            : throw new ForgeException(
                ExitCode.Capacity,
                $"no subnet is free for the network of {name}: all of {string.Join(", ", settings.Pools)} are in use on this server; an "
                    + "administrator must add a range to FORGE_LXC_SUBNETS, or delete projects' last containers"
            );
    }

    private static NetworkMember NewMember(string container, string label, NetworkRecord network, IReadOnlyList<NetworkRecord> all)
    {
        var ports = all.SelectMany(n => n.Members).Select(m => m.Port).ToHashSet();
        var port = Enumerable.Range(0, MaxPorts).First(p => !ports.Contains(p) && !NetworkBridges.Exists(NetworkMember.InterfaceOf(p)));
        var used = network.Members.Select(m => m.Address).ToHashSet(StringComparer.Ordinal);
        var address = Enumerable
            .Range(2, network.Subnet.Hosts)
            .Select(i => network.Subnet.Address((uint)i))
            .FirstOrDefault(a => !used.Contains(a));
        return address is null
            ? throw new ForgeException(
                ExitCode.Capacity,
                $"no address is free in the network of {network.Name}: {network.Subnet} has room for {network.Subnet.Hosts} containers; "
                    + "delete containers that are no longer needed"
            )
            : new NetworkMember(container, label, port, address);
    }

    private NetworkRecord WithSettings(NetworkRecord network) =>
        network with
        {
            Active = true,
            Egress = settings.EgressOf(network.Name),
            NameServers = settings.NameServers.Count > 0 ? settings.NameServers : Uplink.NameServers(),
        };

    private static bool HasOtherSettings(NetworkRecord one, NetworkRecord other) =>
        one.Egress != other.Egress || !one.NameServers.SequenceEqual(other.NameServers, StringComparer.Ordinal);

    private IEnumerable<NetworkRecord> Own(IEnumerable<NetworkRecord> all) => all.Where(n => n.Owner == dataDirectory);
}
