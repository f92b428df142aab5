using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Publishing;

/// <summary>Listens at the published ports of the containers that run on this host, and records where that fails.</summary>
public sealed class PortPublisher(
    IServiceScopeFactory scopes,
    HostIdentity here,
    WombatSettings settings,
    INotificationBus notifications,
    TimeProvider clock,
    BackgroundLoop loop,
    ILogger<PortPublisher> log
)
    : PeriodicService(
        loop,
        new LoopOptions("port publisher", TimeSpan.FromSeconds(1))
        {
            WakeUp = () => notifications.Subscribe(Topics.Ports),
            UnavailableLevel = LogLevel.Debug,
        }
    )
{
    private readonly PublishSettings publish = settings.Publish;
    private readonly ConnectionLimit all = new(settings.Publish.Connections);
    private readonly Dictionary<Guid, ConnectionLimit> limits = [];
    private readonly Dictionary<IPEndPoint, (Guid Container, PortListener Listener)> open = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await base.ExecuteAsync(stoppingToken);
        }
        finally
        {
            await CloseAsync(wanted: []);
        }
    }

    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        var containers = await FindAsync(cancel);
        await CloseAsync(containers);
        var own = new Lazy<HashSet<IPAddress>>(OwnAddresses);
        foreach (var container in containers)
        {
            var states = container.Spec.Ports.Select(p => Open(container, p, own)).ToList();
            if (!states.SequenceEqual(container.PortStates))
            {
                await RecordAsync(container.Id, states, cancel);
            }
        }
    }

    private async Task<List<Container>> FindAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        return await db
            .Containers.AsNoTracking()
            // The index on hosts leaves out deleted resources.
            .Where(c => c.HostId == here.Id && c.Status != ResourceStatus.Deleted && Container.PublishingStatuses.Contains(c.Status))
            .Where(c => JsonColumn.Text(c.Spec, "ports") != null && JsonColumn.Text(c.Spec, "ports") != "[]")
            .ToListAsync(cancel);
    }

    private async Task CloseAsync(IReadOnlyList<Container> wanted)
    {
        var targets = wanted
            .SelectMany(c => c.Spec.Ports.Select(p => (c.Id, Port: p.Host, Target: TargetOf(c, p))))
            .ToDictionary(t => (t.Id, t.Port), t => t.Target);
        foreach (var (at, (container, listener)) in open.ToList())
        {
            if (!listener.Target.Equals(targets.GetValueOrDefault((container, at.Port))))
            {
                open.Remove(at);
                await listener.DisposeAsync();
            }
        }

        foreach (var gone in limits.Keys.Except(wanted.Select(c => c.Id)).ToList())
        {
            limits.Remove(gone);
        }
    }

    private PortState Open(Container container, PortMapping port, Lazy<HashSet<IPAddress>> own)
    {
        var host = port.Host!.Value;
        if (TargetOf(container, port) is not { } target)
        {
            return new PortState(host, null, "The container has no address.");
        }

        string? url = null;
        var errors = new List<string>();
        foreach (var address in publish.Addresses)
        {
            if (TryListen(container.Id, new IPEndPoint(address, host), target, own) is { } error)
            {
                errors.Add(error);
            }
            else
            {
                url ??= UrlOf(address, host);
            }
        }

        return new PortState(host, url, errors.Count > 0 ? string.Join(' ', errors) : null);
    }

    // Returns why it cannot listen; null when it does.
    private string? TryListen(Guid container, IPEndPoint at, IPEndPoint target, Lazy<HashSet<IPAddress>> own)
    {
        if (open.ContainsKey(at))
        {
            return null;
        }

        // A container must not make the services of its host reachable.
        if (own.Value.Contains(target.Address) || IPAddress.IsLoopback(target.Address))
        {
            return $"The address {target.Address} of the container is an address of its host.";
        }

        if (!limits.TryGetValue(container, out var limit))
        {
            limits[container] = limit = new ConnectionLimit(publish.ConnectionsPerContainer, all);
        }

        try
        {
            open[at] = (container, new PortListener(at, target, limit, publish.Idle, log));
            log.LogInformation("{At} is published for {Target} of container {Id}", at, target, container);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"{at} is in use by another program on the host {here.Name}.",
                SocketError.AddressNotAvailable => $"{at.Address} is not an address of the host {here.Name}.",
                SocketError.AccessDenied => $"Wombat may not listen at {at} on the host {here.Name}.",
                _ => $"Wombat cannot listen at {at} on the host {here.Name}: {e.Message}.",
            };
        }
    }

    private async Task RecordAsync(Guid id, IReadOnlyList<PortState> states, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = Caller.System;
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var container = await db.Containers.SingleAsync(c => c.Id == id, cancel);
        if (!container.RecordPorts(states, clock.GetUtcNow()))
        {
            return;
        }

        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (ConflictException)
        {
            // Changed concurrently; the next pass decides again.
            return;
        }

        foreach (var state in states.Where(s => s.Error is not null))
        {
            log.LogWarning(
                "Container {Name} ({Id}): port {Port} is not published: {Error}",
                container.ExternalName,
                id,
                state.Host,
                state.Error
            );
        }
    }

    private string UrlOf(IPAddress address, int port)
    {
        var isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        var host = publish.HostName ?? (isAny ? new Uri(settings.PublicUrl).Host : address.ToString());
        return new UriBuilder("http", host, port).Uri.GetLeftPart(UriPartial.Authority);
    }

    private static IPEndPoint? TargetOf(Container container, PortMapping port) =>
        IPAddress.TryParse(container.IpAddress, out var address) ? new IPEndPoint(address, port.Container) : null;

    private static HashSet<IPAddress> OwnAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)];
}
