using System.Globalization;

namespace Wombat.Forge.Lxc;

/// <summary>The settings of networks, from environment variables.</summary>
/// <param name="Pools">The ranges from which networks get their subnets.</param>
/// <param name="Prefix">The prefix of a subnet.</param>
/// <param name="NameServers">The name servers of containers; those of the machine when empty.</param>
/// <param name="StateFolder">The folder of the records of all networks of this machine.</param>
internal sealed record NetworkSettings(
    IReadOnlyList<Subnet> Pools,
    int Prefix,
    Egress Egress,
    IReadOnlyList<string> NameServers,
    string StateFolder
)
{
    private const string EgressSetting = "FORGE_LXC_EGRESS";

    private IReadOnlyDictionary<string, Egress> EgressByNetwork { get; init; } = new Dictionary<string, Egress>(StringComparer.Ordinal);

    /// <summary>Where the containers of a network can open connections to.</summary>
    public Egress EgressOf(string network) => EgressByNetwork.GetValueOrDefault(network, Egress);

    private const string DefaultPool = "10.213.0.0/16";
    private const int SmallestPrefix = 29;

    /// <exception cref="ForgeException">Usage: a setting is invalid.</exception>
    public static NetworkSettings Read()
    {
        var pools = List("FORGE_LXC_SUBNETS", DefaultPool)
            .Select(p =>
                Subnet.Parse(p) is { Prefix: >= 8 and <= SmallestPrefix } subnet
                    ? subnet
                    : throw Invalid("FORGE_LXC_SUBNETS", $"must be ranges such as {DefaultPool} with prefixes from 8 to 29, not '{p}'")
            )
            .ToList();
        var egress = List(EgressSetting, "internet")
            .Select(e => e.Split('=', 2, StringSplitOptions.TrimEntries))
            .ToLookup(e => e.Length == 2);
        if (egress[true].FirstOrDefault(e => !CommandLine.NetworkForm().IsMatch(e[0])) is { } unknown)
        {
            throw Invalid(EgressSetting, $"'{unknown[0]}' cannot be the unix_name of a project");
        }

        var servers = List("FORGE_LXC_DNS", "").ToList();
        return servers.Find(s => Subnet.ParseAddress(s) is null) is { } wrong
            ? throw Invalid("FORGE_LXC_DNS", $"must be IPv4 addresses, not '{wrong}'")
            : new NetworkSettings(
                pools,
                Backends.Number("FORGE_LXC_SUBNET_PREFIX", 24, 16, SmallestPrefix),
                egress[false].Select(e => EgressFrom(e[0])).LastOrDefault(Egress.Internet),
                servers,
                HostState.Folder("networks")
            )
            {
                EgressByNetwork = egress[true]
                    .GroupBy(e => e[0], StringComparer.Ordinal)
                    .ToDictionary(e => e.Key, e => EgressFrom(e.Last()[1]), StringComparer.Ordinal),
            };
    }

    private static Egress EgressFrom(string text) =>
        text switch
        {
            "internet" => Egress.Internet,
            "allow" => Egress.Allow,
            "deny" => Egress.Deny,
            _ => throw Invalid(EgressSetting, $"must be internet, allow or deny, and PROJECT=… of these for single projects, not '{text}'"),
        };

    private static string[] List(string name, string defaultValue) =>
        (Backends.Setting(name) ?? defaultValue).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ForgeException Invalid(string name, string problem) =>
        new(ExitCode.Usage, string.Create(CultureInfo.InvariantCulture, $"{name}: {problem}"));
}
