using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The bridges of networks and the ports of running containers, by ip.</summary>
internal static class NetworkBridges
{
    private const string Interfaces = "/sys/class/net";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public static bool Exists(string name) => Directory.Exists(Path.Combine(Interfaces, name));

    /// <summary>Whether the bridge is there with its address, and the existing interfaces of its containers are attached to it.</summary>
    public static bool IsComplete(NetworkRecord network) =>
        Exists(network.Bridge)
        && HasAddress(network)
        && Setting("ipv4", network.Bridge, "forwarding") == Forwarding(network)
        && !Detached(network).Any();

    /// <summary>Creates what is missing of the bridge. What is there stays as it is, so that connections go on.</summary>
    public static async Task EnsureAsync(NetworkRecord network, CancellationToken cancel)
    {
        if (!Exists(network.Bridge))
        {
            // With an address of its own the bridge keeps it when containers come and go.
            await RunAsync([$"link add name {network.Bridge} address {network.Mac} mtu {Uplink.Mtu} type bridge"], cancel);
        }

        Set("ipv6", network.Bridge, "disable_ipv6", "1");
        if (!HasAddress(network))
        {
            await RunAsync(
                [
                    $"address replace {network.GatewayWithPrefix} broadcast {network.Subnet.Broadcast} dev {network.Bridge}",
                    $"link set dev {network.Bridge} up",
                ],
                cancel
            );
        }

        Set("ipv4", network.Bridge, "forwarding", Forwarding(network));
        if (Detached(network).Select(m => $"link set dev {m.Interface} master {network.Bridge}").ToList() is { Count: > 0 } attach)
        {
            await RunAsync(attach, cancel);
        }
    }

    /// <summary>Whether any interface is attached to the bridge.</summary>
    public static bool HasPorts(string bridge) =>
        Path.Combine(Interfaces, bridge, "brif") is var ports
        && Directory.Exists(ports)
        && Directory.EnumerateFileSystemEntries(ports).Any();

    public static Task RemoveAsync(string bridge, CancellationToken cancel) =>
        Exists(bridge) ? RunAsync([$"link delete dev {bridge}"], cancel) : Task.CompletedTask;

    // The interface of a container exists only while it runs.
    private static IEnumerable<NetworkMember> Detached(NetworkRecord network) =>
        network.Members.Where(m => Exists(m.Interface) && !Directory.Exists(Path.Combine(Interfaces, network.Bridge, "brif", m.Interface)));

    // Only an address of this machine can be bound.
    private static bool HasAddress(NetworkRecord network)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(network.Subnet.Gateway), 0));
            return IsUp(network.Bridge);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The flags of the interface; the lowest bit is "up".
    private static bool IsUp(string name) =>
        Path.Combine(Interfaces, name, "flags") is var file
        && File.Exists(file)
        && int.TryParse(
            File.ReadAllText(file).Trim().Replace("0x", "", StringComparison.Ordinal),
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture,
            out var flags
        )
        && (flags & 1) != 0;

    private static string Forwarding(NetworkRecord network) => network.Egress == Egress.Deny ? "0" : "1";

    private static string? Setting(string family, string name, string setting) =>
        SettingFile(family, name, setting) is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    private static void Set(string family, string name, string setting, string value)
    {
        if (Setting(family, name, setting) is { } present && present != value)
        {
            File.WriteAllText(SettingFile(family, name, setting), value);
        }
    }

    private static string SettingFile(string family, string name, string setting) => $"/proc/sys/net/{family}/conf/{name}/{setting}";

    private static async Task RunAsync(IReadOnlyList<string> commands, CancellationToken cancel)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', commands) + "\n"));
        var command = new ChildCommand(NetworkPrograms.Find("ip"), ["-batch", "-"], Timeout) { Input = input, WorkingDirectory = "/" };
        var result = await ChildProcess.RunAsync(command, cancel);
        if (result.ExitCode != 0)
        {
            throw NetworkPrograms.Failure("ip", result);
        }
    }
}
