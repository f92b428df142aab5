using System.Globalization;
using System.Net;
using Wombat.Domain.Containers;

namespace Wombat.Infrastructure.Configuration;

/// <summary>How the ports of containers are published on this host.</summary>
/// <param name="Addresses">The addresses on which published ports listen.</param>
/// <param name="HostName">The host in their URLs; null for the address.</param>
/// <param name="Ports">The ports that may be used. The same on all replicas.</param>
/// <param name="ConnectionsPerContainer">The most open connections to one container.</param>
/// <param name="Connections">The most open connections to all containers of this host.</param>
/// <param name="Idle">A connection on which nothing is passed on for so long is closed.</param>
public sealed record PublishSettings(
    IReadOnlyList<IPAddress> Addresses,
    string? HostName,
    PublishedPortRange Ports,
    int ConnectionsPerContainer,
    int Connections,
    TimeSpan Idle
)
{
    internal static PublishSettings Read(SettingsReader reader) =>
        new(
            ReadAddresses(reader),
            ReadHost(reader),
            ReadPorts(reader),
            reader.Number("publish.connections_per_container", 200, 1, 100_000),
            reader.Number("publish.connections", 2000, 1, 100_000),
            reader.Seconds("publish.idle_seconds", 600, 1, 7 * 86_400)
        );

    private static IReadOnlyList<IPAddress> ReadAddresses(SettingsReader reader)
    {
        var texts = reader.List("publish.addresses") ?? ["127.0.0.1"];
        var addresses = texts.Select(t => IPAddress.TryParse(t, out var address) ? address : null).OfType<IPAddress>().Distinct().ToList();
        return addresses.Count == texts.Count && texts.Count is >= 1 and <= 16
            ? addresses
            : reader.Report<IReadOnlyList<IPAddress>>("publish.addresses", "must be 1 to 16 different IP addresses", [IPAddress.Loopback]);
    }

    private static string? ReadHost(SettingsReader reader) =>
        reader.Text("publish.host") switch
        {
            null => null,
            { } host when Uri.CheckHostName(host) != UriHostNameType.Unknown => host,
            { } host => reader.Report<string?>("publish.host", $"must be a host name or an IP address, not '{host}'", null),
        };

    private static PublishedPortRange ReadPorts(SettingsReader reader)
    {
        var text = reader.Text("publish.ports") ?? "20000-20999";
        return
            text.Split('-') is [var from, var to]
            && int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first >= Container.PortMin
            && first <= last
            && last <= Container.PortMax
            ? new PublishedPortRange(first, last)
            : reader.Report("publish.ports", $"must be a range of ports such as 20000-20999, not '{text}'", new PublishedPortRange(1, 1));
    }
}
