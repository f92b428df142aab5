using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The interface of this machine's default route.</summary>
internal static class Uplink
{
    // In /run, because the kernel forgets the setting at a restart, too.
    private const string StateFile = "/run/wombat-forge/uplink";
    private const string Routes = "/proc/net/route";
    private const int DefaultMtu = 1500;

    /// <summary>Its name; null without a default route.</summary>
    public static string? Name => RouteFields().FirstOrDefault(f => f[1] == "00000000" && f[7] == "00000000")?[0];

    /// <summary>The maximum size of its packets, which containers use so that none of their packets is too large for it.</summary>
    public static int Mtu =>
        Name is { } name && int.TryParse(Text($"/sys/class/net/{name}/mtu"), CultureInfo.InvariantCulture, out var mtu)
            ? Math.Min(mtu, DefaultMtu)
            : DefaultMtu;

    /// <summary>The interface whose forwarding only forge needs; null if there is none, or if the machine forwards anyway.</summary>
    public static string? Protected() =>
        Text("/proc/sys/net/ipv4/ip_forward") == "0" && Text(StateFile) is { Length: > 0 } name ? name : null;

    /// <summary>Notes that forge turns forwarding on. Called before the rules are loaded, which then protect the machine.</summary>
    public static void Claim()
    {
        if (Name is { } name && Text(ForwardingOf(name)) == "0" && Text(StateFile) != name)
        {
            PrivateFiles.EnsureFolder(Path.GetDirectoryName(StateFile)!);
            PrivateFiles.Write(StateFile, name);
        }
    }

    /// <summary>Lets answers to containers in. Called after the rules are loaded.</summary>
    public static void Forward()
    {
        if (Name is { } name && Text(ForwardingOf(name)) == "0")
        {
            File.WriteAllText(ForwardingOf(name), "1");
        }
    }

    /// <summary>Turns forwarding off if forge has turned it on.</summary>
    public static void Release()
    {
        if (Text(StateFile) is not { Length: > 0 } name)
        {
            return;
        }

        if (Text("/proc/sys/net/ipv4/ip_forward") == "0" && File.Exists(ForwardingOf(name)))
        {
            File.WriteAllText(ForwardingOf(name), "0");
        }

        File.Delete(StateFile);
    }

    /// <summary>The subnets that this machine routes to interfaces other than forge's bridges.</summary>
    public static IReadOnlyList<Subnet> RoutedSubnets() =>
        [
            .. RouteFields()
                .Where(f => !f[0].StartsWith(NetworkRecord.BridgePrefix, StringComparison.Ordinal))
                .Select(f => (Base: LittleEndian(f[1]), Mask: LittleEndian(f[7])))
                .Where(r => r.Mask != 0)
                .Select(r => new Subnet(r.Base, BitOperations.PopCount(r.Mask))),
        ];

    /// <summary>The name servers of this machine that containers can reach.</summary>
    public static IReadOnlyList<string> NameServers() =>
        new[] { "/run/systemd/resolve/resolv.conf", "/etc/resolv.conf" }
            .Where(File.Exists)
            .Select(f =>
                File.ReadLines(f)
                    .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Where(w => w is ["nameserver", ..] && w.Length > 1 && Subnet.ParseAddress(w[1]) is { } a && a >> 24 != 127)
                    .Select(w => w[1])
                    .ToList()
            )
            .FirstOrDefault(s => s.Count > 0)
        ?? [];

    // Iface Destination Gateway Flags RefCnt Use Metric Mask …
    private static IEnumerable<string[]> RouteFields() =>
        File.Exists(Routes)
            ? File.ReadLines(Routes)
                .Skip(1)
                .Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(f => f.Length > 7)
            : [];

    private static uint LittleEndian(string hex) =>
        BinaryPrimitives.ReverseEndianness(uint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static string ForwardingOf(string name) => $"/proc/sys/net/ipv4/conf/{name}/forwarding";

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
