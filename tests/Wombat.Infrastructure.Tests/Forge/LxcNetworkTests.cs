using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Networks of local containers, on real containers, bridges and packet filters of this machine.</summary>
[Category("Slow")]
public sealed class LxcNetworkTests
{
    private LxcNetworkBed bed = null!;
    private string web = null!;
    private string db = null!;
    private string stranger = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        bed = new LxcNetworkBed();
        bed.Settings["FORGE_LXC_EGRESS"] = "internet";
        var made = new List<JsonNode>();
        foreach (var (network, label) in new[] { ("demo", "web"), ("demo", "db"), ("other", "web") })
        {
            made.Add(await bed.CreateAsync($"{network}-{label}", network, label));
        }

        Assert.That(made.Select(m => (string?)m["note"]), Is.All.Null, "every container has its network");
        (web, db, stranger) = ((string)made[0]["ip"]!, (string)made[1]["ip"]!, (string)made[2]["ip"]!);
    }

    [OneTimeTearDown]
    public async Task Stop() => await bed.DisposeAsync();

    [Test, Order(1)]
    public async Task Create_ForTwoProjects_ConnectsOnlyContainersOfOneProject()
    {
        foreach (var target in new[] { db, "db", "db.demo.wombat.internal", "demo-db" })
        {
            Assert.That(await bed.PingsAsync("demo-web", target), Is.True, target);
        }

        Assert.That(await bed.PingsAsync("demo-db", "web.demo.wombat.internal"), Is.True);
        Assert.That(await bed.PingsAsync("other-web", "web.other.wombat.internal"), Is.True, "the same name in another project");
        foreach (var closed in new[] { stranger, Gateway(web), Gateway(stranger), "169.254.169.254" })
        {
            Assert.That(await bed.PingsAsync("demo-web", closed), Is.False, closed);
        }

        Assert.That((await bed.InsideAsync("demo-web", "ping -c 1 -W 1 web.other.wombat.internal")).ErrorTail, Does.Contain("bad address"));
        Assert.That((await bed.InsideAsync("demo-web", "echo x > /etc/hosts")).ExitCode, Is.Not.Zero, "names are read-only inside");
    }

    [Test, Order(2)]
    public async Task Services_OfTheMachine_AreClosedForContainers()
    {
        using var everywhere = new TcpListener(IPAddress.Any, 0);
        using var local = new TcpListener(IPAddress.Loopback, 0);
        everywhere.Start();
        local.Start();
        var own = NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a))
            .Select(a => a.ToString())
            .Where(a => !a.StartsWith("10.", StringComparison.Ordinal))
            .Concat([Gateway(web), Gateway(stranger)])
            .ToList();
        foreach (var address in own)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, PortOf(everywhere));
            Assert.That(await ConnectsAsync("demo-web", address, PortOf(everywhere)), Is.False, $"a service on 0.0.0.0 at {address}");
        }

        // Root inside can route any address to the machine.
        await bed.InsideAsync("demo-web", $"ip route add 127.0.0.53/32 via {Gateway(web)} dev eth0");
        Assert.That(await ConnectsAsync("demo-web", "127.0.0.53", PortOf(local)), Is.False, "a service on 127.0.0.1");
        var bridge = await bed.BridgeAsync("demo-web");
        Assert.That(await File.ReadAllTextAsync($"/proc/sys/net/ipv6/conf/{bridge}/disable_ipv6"), Does.StartWith("1"));
        var links = new[]
        {
            (await bed.InsideAsync("demo-db", "ip -6 addr show dev eth0")).Output,
            (await LxcNetworkBed.RunAsync("ip", "-6", "addr", "show", "dev", await bed.PortAsync("demo-web"))).Output,
        };
        foreach (var link in links.Select(l => l.Split("inet6 ")[^1].Split('/')[0]))
        {
            Assert.That(link, Does.StartWith("fe80:"));
            Assert.That(
                (await bed.InsideAsync("demo-web", $"ping6 -c 1 -W 1 -I eth0 {link}")).Output,
                Does.Contain("0 packets received"),
                $"IPv6 reaches neither the machine nor other containers: {link}"
            );
        }

        static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Test, Order(3)]
    public async Task Machine_ToAContainer_IsOpen()
    {
        await bed.InsideAsync("demo-web", "mkdir -p /srv && echo hello > /srv/index.html && httpd -p 8080 -h /srv");
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync($"http://{web}:8080/"), Is.EqualTo("hello\n"));
        Assert.That((await bed.InsideAsync("demo-db", "wget -q -O - http://web:8080/")).Output, Is.EqualTo("hello\n"));
        Assert.That(await ConnectsAsync("other-web", web, 8080), Is.False);
    }

    [Test, Order(4)]
    public async Task Restore_WhenBridgeAndTablesWereRemoved_BringsThemBack()
    {
        var bridge = await bed.BridgeAsync("demo-web");
        await LxcNetworkBed.RunAsync("ip", "link", "delete", bridge);
        Assert.That(await bed.PingsAsync("demo-web", "db"), Is.False);
        await bed.ForgeAsync("list");
        Assert.That(await bed.PingsAsync("demo-web", "db"), Is.True, "list restores the bridge and attaches the containers");

        foreach (var (family, text) in new[] { ("inet", bridge), ("bridge", await bed.PortAsync("demo-web")) })
        {
            await LxcNetworkBed.RunAsync("nft", "delete", "table", family, "wombat_forge");
            await bed.ForgeAsync("list");
            Assert.That(
                (await LxcNetworkBed.RunAsync("nft", "list", "table", family, "wombat_forge")).Output,
                Does.Contain($"\"{text}\""),
                family
            );
        }

        var port = await bed.PortAsync("demo-web");
        (string[] Command, string Sign, bool IsThere)[] tamperings =
        [
            (["flush", "table", "inet", "wombat_forge"], "jump from_container", false),
            (["flush", "chain", "bridge", "wombat_forge", "from_port"], "@ports drop", false),
            (["insert", "rule", "inet", "wombat_forge", "from_container", "iifname", "\"wb9999\"", "accept"], "wb9999", true),
            (["flush", "set", "bridge", "wombat_forge", "addresses"], $"\"{port}\" . 10.", false),
            (["add", "element", "bridge", "wombat_forge", "addresses", "{ \"wv9999\" . 10.0.0.1 }"], "wv9999", true),
        ];
        foreach (var (command, sign, isThere) in tamperings)
        {
            // Forge processes of other tests load the rules of all data folders at any time.
            await Eventually.UntilAsync(
                async () =>
                {
                    await LxcNetworkBed.RunAsync("nft", command);
                    var isTampered = (await TableAsync(command[2])).Contains(sign, StringComparison.Ordinal) == isThere;
                    await bed.ForgeAsync("list");
                    return isTampered && (await TableAsync(command[2])).Contains(sign, StringComparison.Ordinal) != isThere;
                },
                string.Join(' ', command)
            );
        }

        await LxcNetworkBed.RunAsync("ip", "link", "set", await bed.PortAsync("demo-web"), "nomaster");
        await bed.ForgeAsync("list");
        Assert.That(await bed.PingsAsync("demo-web", "db"), Is.True, "list attaches a detached container");
        Assert.That(await bed.PingsAsync("demo-web", stranger), Is.False);
    }

    private static async Task<string> TableAsync(string family) =>
        (await LxcNetworkBed.RunAsync("nft", "list", "table", family, "wombat_forge")).Output;

    [Test, Order(5)]
    public async Task Restart_FromInsideAndOutside_KeepsTheAddress()
    {
        Assert.That((string)(await bed.ForgeAsync("restart", "--id", "demo-db"))["ip"]!, Is.EqualTo(db));
        Assert.That(await bed.PingsAsync("demo-web", "db"), Is.True);
        Assert.That((string?)(await bed.ForgeAsync("stop", "--id", "demo-db"))["ip"], Is.Null, "a stopped container has no address");
        Assert.That((string)(await bed.ForgeAsync("start", "--id", "demo-db"))["ip"]!, Is.EqualTo(db));
        await bed.InsideAsync("demo-db", "reboot");
        await Eventually.UntilAsync(() => bed.PingsAsync("demo-web", "db"), "it is back after a reboot inside");
    }

    [Test, Order(6)]
    public async Task Spoofing_OfAddresses_CutsTheContainerOff()
    {
        async Task TryAsync(string change, bool isOpen)
        {
            await bed.InsideAsync("demo-db", $"{change}; ip route add {Gateway(db)} dev eth0");
            Assert.That(await bed.PingsAsync("demo-db", web), Is.EqualTo(isOpen), change);
        }

        var wanted = Gateway(db).Replace(".1", ".77", StringComparison.Ordinal);
        await TryAsync($"ip addr flush dev eth0; ip addr add {wanted}/24 dev eth0", isOpen: false);
        await TryAsync($"ip addr flush dev eth0; ip addr add {db}/24 dev eth0", isOpen: true);
        await TryAsync("ip link set eth0 down; ip link set eth0 address 0a:57:01:00:ff:ff; ip link set eth0 up", isOpen: false);
        await bed.ForgeAsync("restart", "--id", "demo-db");
        Assert.That(await bed.PingsAsync("demo-db", web), Is.True);
    }

    [Test, Order(7)]
    public async Task Egress_ForThePublicInternet_ExcludesPrivateAddresses()
    {
        var table = (await LxcNetworkBed.RunAsync("nft", "list", "table", "inet", "wombat_forge")).Output;
        Assert.That(table, Does.Contain("masquerade"));
        var bridge = await bed.BridgeAsync("demo-web");
        Assert.That(await File.ReadAllTextAsync($"/proc/sys/net/ipv4/conf/{bridge}/forwarding"), Does.StartWith("1"));
        bed.Settings["FORGE_LXC_EGRESS"] = "deny";
        await bed.ForgeAsync("list");
        Assert.That(await File.ReadAllTextAsync($"/proc/sys/net/ipv4/conf/{bridge}/forwarding"), Does.StartWith("0"));
        await bed.ForgeAsync("restart", "--id", "demo-web");
        Assert.That(
            (await bed.InsideAsync("demo-web", "ip route")).Output,
            Does.Not.Contain("default"),
            "closed at once, without a time-out"
        );
        Assert.That((await bed.InsideAsync("demo-web", "cat /etc/resolv.conf")).Output, Does.Not.Contain("nameserver"));
        bed.Settings["FORGE_LXC_EGRESS"] = "internet,other=deny";
        await bed.ForgeAsync("restart", "--id", "demo-web");
        Assert.That(await File.ReadAllTextAsync($"/proc/sys/net/ipv4/conf/{bridge}/forwarding"), Does.StartWith("1"));
        var other = await bed.BridgeAsync("other-web");
        Assert.That(await File.ReadAllTextAsync($"/proc/sys/net/ipv4/conf/{other}/forwarding"), Does.StartWith("0"), "one project");
        bed.Settings["FORGE_LXC_EGRESS"] = "internet";
        await bed.ForgeAsync("list");
    }

    [Test, Order(8)]
    public async Task Down_AfterStop_RemovesBridges_AndStartRestoresThem()
    {
        var bridges = new[] { await bed.BridgeAsync("demo-web"), await bed.BridgeAsync("other-web") };
        foreach (var name in new[] { "demo-web", "demo-db", "other-web" })
        {
            await bed.ForgeAsync("stop", "--id", name);
        }

        Assert.That((int)(await bed.ForgeAsync("network", "down"))["networks"]!, Is.EqualTo(2));
        Assert.That(bridges.Where(LxcNetworkBed.HasInterface), Is.Empty);
        Assert.That((await LxcNetworkBed.RunAsync("nft", "list", "ruleset")).Output, Does.Not.Contain($"\"{bridges[0]}\""));
        await bed.ForgeAsync("list");
        Assert.That(bridges.Where(LxcNetworkBed.HasInterface), Is.Empty, "a network without running containers is not restored");
        Assert.That((string)(await bed.ForgeAsync("start", "--id", "demo-web"))["ip"]!, Is.EqualTo(web));
        await bed.ForgeAsync("start", "--id", "demo-db");
        Assert.That(await bed.PingsAsync("demo-web", "db"), Is.True);
    }

    [Test, Order(9)]
    public async Task Delete_OfTheLastContainer_RemovesItsNetwork()
    {
        var bridge = await bed.BridgeAsync("demo-web");
        await bed.ForgeAsync("delete", "--id", "demo-web");
        Assert.That(LxcNetworkBed.HasInterface(bridge), Is.True);
        Assert.That((await bed.InsideAsync("demo-db", "cat /etc/hosts")).Output, Does.Not.Contain("web"));
        await bed.ForgeAsync("delete", "--id", "demo-db");
        Assert.That(LxcNetworkBed.HasInterface(bridge), Is.False);
        Assert.That(Directory.Exists(Path.Combine(bed.Path, "lxc", ".net", "demo")), Is.False);
        Assert.That((await LxcNetworkBed.RunAsync("nft", "list", "ruleset")).Output, Does.Not.Contain($"\"{bridge}\""));
    }

    private async Task<bool> ConnectsAsync(string name, string address, int port) =>
        (await bed.InsideAsync(name, $"nc -w 1 {address} {port} </dev/null")).ExitCode == 0;

    private static string Gateway(string address) => address[..address.LastIndexOf('.')] + ".1";
}
