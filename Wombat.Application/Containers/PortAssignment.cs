using System.Net.NetworkInformation;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>
/// Assigns ports of hosts to published ports. No two containers have the same one, even on different hosts: the host of a container is
/// known only when it is created.
/// </summary>
internal sealed class PortAssignment(IWombatDbContext db, PluginRegistry plugins, QuotaLimits limits, PublishedPortRange range)
{
    /// <summary>What prevents the ports of a new container.</summary>
    public async Task<IReadOnlyList<PlanObjection>> FindObjectionsAsync(
        IPlugin plugin,
        IReadOnlyList<PortMapping> ports,
        CancellationToken cancel
    ) =>
        ports.Count == 0 ? []
        : plugin.IsHostBound ? Choose(ports, await db.ReadPublishedPortsAsync(except: null, exclusive: false, cancel)).Objections
        : [NotSupported(plugin)];

    /// <exception cref="BudgetExceededException">The project would have too many published ports.</exception>
    public async Task EnsureWithinQuotaAsync(Container container, int count, CancellationToken cancel)
    {
        var others = await db
            .Containers.LivingIn(container.ProjectId)
            .AsNoTracking()
            .Where(c => c.Id != container.Id)
            .Select(c => c.Spec)
            .ToListAsync(cancel);
        var quota = ContainerKind.PublishedPorts;
        var demand = new QuotaDemand(quota.Name, quota.Field, limits.Of(quota), others.Sum(s => s.Ports.Count), count);
        if (demand.IsExceeded && count > container.Spec.Ports.Count)
        {
            throw demand.ToException();
        }
    }

    /// <summary>Gives each port a port of the host, in a transaction that saves them.</summary>
    /// <exception cref="InvalidInputException">
    /// A port is taken, none is free, or the plugin does not publish ports.
    /// </exception>
    public async Task<IReadOnlyList<PortMapping>> AssignAsync(
        Container container,
        IReadOnlyList<PortMapping> ports,
        CancellationToken cancel
    )
    {
        var plugin = plugins.Get(container.Plugin);
        if (!plugin.IsHostBound && ports.Count > 0)
        {
            throw new InvalidInputException(NotSupported(plugin).Field, NotSupported(plugin).Message);
        }

        List<PortMapping> wanted = [.. ports.Select(p => p.Host is null ? p with { Host = Known(container, p, ports) } : p)];
        var (chosen, objections) = Choose(wanted, await db.ReadPublishedPortsAsync(container.Id, exclusive: true, cancel));
        return objections is [var first, ..] ? throw new InvalidInputException(first.Field, first.Message) : chosen;
    }

    private static PlanObjection NotSupported(IPlugin plugin) =>
        new("ports", $"the plugin {plugin.Name} does not publish ports of its containers");

    // The port of the host that it has already, unless another port of the request names it.
    private static int? Known(Container container, PortMapping port, IReadOnlyList<PortMapping> ports) =>
        container.Spec.Ports.FirstOrDefault(p => p.Container == port.Container)?.Host is { } host && ports.All(p => p.Host != host)
            ? host
            : null;

    private (List<PortMapping> Chosen, List<PlanObjection> Objections) Choose(IReadOnlyList<PortMapping> ports, IReadOnlySet<int> taken)
    {
        var (chosen, objections) = (new List<PortMapping>(), new List<PlanObjection>());
        using var free = FreePorts([.. taken, .. ports.Select(p => p.Host).OfType<int>()]).GetEnumerator();
        foreach (var (i, port) in ports.Index())
        {
            if (port.Host is { } host && taken.Contains(host))
            {
                objections.Add(new PlanObjection($"ports[{i}].host", $"{host} is taken by another container"));
            }
            else if (port.Host is null && !free.MoveNext())
            {
                objections.Add(new PlanObjection($"ports[{i}].host", $"no port from {range} is free"));
            }
            else
            {
                chosen.Add(port with { Host = port.Host ?? free.Current });
            }
        }

        return (chosen, objections);
    }

    // From a random one on, so that the port of a deleted container is not soon that of another one. What other programs use on this
    // machine is left out, since most installations have one host.
    private IEnumerable<int> FreePorts(HashSet<int> taken)
    {
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).ToHashSet();
        var start = RandomNumberGenerator.GetInt32(range.Count);
        return Enumerable
            .Range(0, range.Count)
            .Select(i => range.First + ((start + i) % range.Count))
            .Where(p => !taken.Contains(p) && !listeners.Contains(p));
    }
}
