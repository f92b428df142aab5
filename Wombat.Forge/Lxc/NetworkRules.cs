using System.Security.Cryptography;
using System.Text;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The packet filter of all networks of this machine, as a file for <c>nft -f</c> that replaces the tables of an earlier file at once.
/// Tables of other programs are not touched. docs/operations.md describes what it allows.
/// </summary>
internal sealed class NetworkRules
{
    public const string Table = "wombat_forge";

    // Private, shared, link-local, multicast and reserved addresses.
    private const string NotPublic =
        "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3";

    private const string Bridges = $"\"{NetworkRecord.BridgePrefix}*\"";

    private readonly IReadOnlyList<NetworkRecord> networks;
    private readonly string? protectedUplink;

    /// <param name="all">The records of all networks; inactive ones get no rules.</param>
    /// <param name="protectedUplink">
    /// The interface whose forwarding forge has turned on, so that nothing but containers may be forwarded from it; null if there is none.
    /// </param>
    public NetworkRules(IEnumerable<NetworkRecord> all, string? protectedUplink)
    {
        networks = [.. all.Where(n => n.Active).OrderBy(n => n.Number)];
        this.protectedUplink = protectedUplink;
        var body = networks.Count == 0 ? "" : Inet() + Bridge();
        Generation = "generation_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))[..16];
        Text = Clear() + body.Replace("@GENERATION@", Generation, StringComparison.Ordinal);
    }

    /// <summary>Whether there is nothing to filter, so that the tables are removed.</summary>
    public bool IsEmpty => networks.Count == 0;

    /// <summary>The name of a chain in both tables that tells which version of the rules is loaded.</summary>
    public string Generation { get; }

    public string Text { get; }

    // The first line of each pair makes the second one succeed when there is no such table.
    private static string Clear() =>
        $"""
            table inet {Table}
            delete table inet {Table}
            table bridge {Table}
            delete table bridge {Table}

            """;

    // br_netfilter also sends packets between containers of one bridge through the chain forward.
    private string Inet() =>
        $$"""
            table inet {{Table}} {
              {{Set("intra", "ifname . ifname", networks.Select(n => $"{n.Bridge} . {n.Bridge}"))}}
              {{Set("egress_all", "ifname", networks.Where(n => n.Egress == Egress.Allow).Select(n => n.Bridge))}}
              {{Set("egress_public", "ifname", networks.Where(n => n.Egress == Egress.Internet).Select(n => n.Bridge))}}
              {{Set("name_servers", "ifname . ipv4_addr", NameServers())}}
              chain @GENERATION@ {
              }
              chain input {
                type filter hook input priority filter - 10; policy accept;
                iifname {{Bridges}} jump from_container
              }
              chain from_container {
                ct state established,related accept
                drop
              }
              chain forward {
                type filter hook forward priority filter - 10; policy accept;
                iifname . oifname @intra accept
                ct state established,related accept
                oifname {{Bridges}} drop
                iifname {{Bridges}} jump outgoing
                {{(protectedUplink is null ? "" : $"iifname \"{protectedUplink}\" drop")}}
              }
              chain outgoing {
                ip daddr 169.254.0.0/16 drop
                iifname . ip daddr @name_servers meta l4proto { tcp, udp } th dport 53 accept
                iifname @egress_public ip daddr { {{NotPublic}} } drop
                iifname @egress_public ip daddr != 0.0.0.0 accept
                iifname @egress_all accept
                drop
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                oifname != {{Bridges}} ip saddr { {{string.Join(", ", networks.Select(n => n.Subnet))}} } masquerade
              }
            }

            """;

    // Each port sends only with its own hardware address and IPv4 address; everything else, such as IPv6, is dropped.
    private string Bridge() =>
        $$"""
            table bridge {{Table}} {
              {{Set("ports", "ifname . ether_addr", Members().Select(m => $"{m.Interface} . {m.Mac}"))}}
              {{Set("addresses", "ifname . ipv4_addr", Members().Select(m => $"{m.Interface} . {m.Address}"))}}
              chain @GENERATION@ {
              }
              chain prerouting {
                type filter hook prerouting priority -300; policy accept;
                iifname "{{NetworkMember.InterfacePrefix}}*" jump from_port
              }
              chain from_port {
                iifname . ether saddr != @ports drop
                ether type ip iifname . ip saddr @addresses accept
                ether type arp iifname . arp saddr ether @ports iifname . arp saddr ip @addresses accept
                drop
              }
            }

            """;

    private IEnumerable<NetworkMember> Members() => networks.SelectMany(n => n.Members).OrderBy(m => m.Port);

    private IEnumerable<string> NameServers() =>
        networks.Where(n => n.Egress != Egress.Deny).SelectMany(n => n.NameServers.Select(s => $"{n.Bridge} . {s}"));

    private static string Set(string name, string type, IEnumerable<string> elements) =>
        string.Join(", ", elements) is { Length: > 0 } list
            ? $"set {name} {{ type {type}; elements = {{ {list} }}; }}"
            : $"set {name} {{ type {type}; }}";
}
