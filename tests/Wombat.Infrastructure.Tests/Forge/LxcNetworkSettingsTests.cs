using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Limits, settings and missing parts of networks.</summary>
[Category("Slow")]
public sealed class LxcNetworkSettingsTests
{
    [Test]
    public async Task Create_WhenThePoolIsExhausted_NamesItAndLeavesNothing()
    {
        await using var bed = new LxcNetworkBed();
        bed.Settings["FORGE_LXC_SUBNETS"] = "10.214.211.0/29";
        await bed.CreateAsync("one-a", "one", "a");
        var full = await bed.TryForgeAsync("create", "--name", "two-a", "--template", "busybox", "--network", "two", "--key", "k");
        Assert.That(full.ExitCode, Is.EqualTo(5), full.ErrorTail);
        Assert.That(full.ErrorTail, Does.Contain("no subnet is free").And.Contain("10.214.211.0/29").And.Contain("FORGE_LXC_SUBNETS"));
        Assert.That(Directory.Exists(Path.Combine(bed.Path, "lxc", "two-a")), Is.False);
        Assert.That(Directory.Exists(Path.Combine(bed.Path, "lxc", ".net", "two")), Is.False);

        await bed.ForgeAsync("delete", "--id", "two-a", "--key", "k");
        await bed.ForgeAsync("delete", "--id", "one-a");
        await bed.CreateAsync("two-a", "two", "a");
        Assert.That(await bed.PingsAsync("two-a", "a.two.wombat.internal"), Is.True, "the subnet is free again");
    }

    [Test]
    public async Task Create_WhenASubnetIsRoutedElsewhere_SkipsIt()
    {
        await using var bed = new LxcNetworkBed();
        await LxcNetworkBed.RunAsync("ip", "link", "add", "tstroute0", "type", "bridge");
        try
        {
            await LxcNetworkBed.RunAsync("ip", "address", "add", "10.214.212.1/28", "dev", "tstroute0");
            await LxcNetworkBed.RunAsync("ip", "link", "set", "tstroute0", "up");
            bed.Settings["FORGE_LXC_SUBNETS"] = "10.214.212.0/24,10.214.213.0/29";
            var made = await bed.CreateAsync("one-a", "one", "a");
            Assert.That((string)made["ip"]!, Is.EqualTo("10.214.213.2"));
        }
        finally
        {
            await LxcNetworkBed.RunAsync("ip", "link", "delete", "tstroute0");
        }
    }

    [Test]
    public async Task Create_InTwoDataFolders_GivesDifferentNetworks()
    {
        await using var one = new LxcNetworkBed();
        await using var two = new LxcNetworkBed();
        var addresses = await Task.WhenAll(
            new[] { one, two }.SelectMany(b => new[] { "a", "b" }.Select(l => b.CreateAsync($"demo-{l}", "demo", l)))
        );
        Assert.That(addresses.Select(a => (string)a["ip"]!), Is.Unique);
        Assert.That(await one.BridgeAsync("demo-a"), Is.Not.EqualTo(await two.BridgeAsync("demo-a")));
        Assert.That(await one.PingsAsync("demo-a", "b"), Is.True);
        Assert.That(await two.PingsAsync("demo-a", "b"), Is.True);
        Assert.That(await one.PingsAsync("demo-a", (string)addresses[2]["ip"]!), Is.False);
        await one.ForgeAsync("delete", "--id", "demo-a");
        await one.ForgeAsync("delete", "--id", "demo-b");
        Assert.That(await two.PingsAsync("demo-a", "b"), Is.True, "the other folder's rules are still loaded");
    }

    [TestCase("--network", "a\nb")]
    [TestCase("--network", "../../etc")]
    [TestCase("--network", "Demo")]
    [TestCase("--network", "a b")]
    [TestCase("--hostname", "a b")]
    [TestCase("--hostname", "web\n127.0.0.1 bank")]
    public async Task Create_ForAHostileName_IsRefused(string option, string value)
    {
        await using var bed = new LxcNetworkBed();
        var result = await bed.TryForgeAsync("create", "--name", "web", "--template", "busybox", option, value);
        Assert.That(result.ExitCode, Is.EqualTo(2), result.ErrorTail);
        Assert.That(result.ErrorTail, Does.Contain(option));
    }

    [TestCase("FORGE_LXC_SUBNETS", "10.0.0.1/24")]
    [TestCase("FORGE_LXC_SUBNETS", "here")]
    [TestCase("FORGE_LXC_SUBNETS", "fd00::/64")]
    [TestCase("FORGE_LXC_EGRESS", "some")]
    [TestCase("FORGE_LXC_EGRESS", "internet,demo=some")]
    [TestCase("FORGE_LXC_EGRESS", "deny shop=internet")]
    [TestCase("FORGE_LXC_EGRESS", "deny;shop=internet")]
    [TestCase("FORGE_LXC_EGRESS", "internet,Shop=deny")]
    [TestCase("FORGE_LXC_DNS", "dns.example.com")]
    [TestCase("FORGE_LXC_SUBNET_PREFIX", "30")]
    public async Task Health_ForAnInvalidSetting_NamesIt(string name, string value)
    {
        await using var bed = new LxcNetworkBed();
        bed.Settings[name] = value;
        var result = await bed.TryForgeAsync("health");
        Assert.That(result.Output + result.ErrorTail, Does.Contain(name));
        bed.Settings.Clear();
    }

    [Test]
    public async Task Bridge_OfTheAdministrator_IsUsedOrMissed()
    {
        await using var bed = new LxcNetworkBed();
        bed.Settings["FORGE_LXC_BRIDGE"] = "tstbridge0";
        var health = await bed.ForgeAsync("health");
        Assert.That((bool)health["healthy"]!, Is.False);
        Assert.That((string)health["message"]!, Does.Contain("tstbridge0 (FORGE_LXC_BRIDGE) does not exist"));
        await LxcNetworkBed.RunAsync("ip", "link", "add", "tstbridge0", "type", "bridge");
        try
        {
            Assert.That((bool)(await bed.ForgeAsync("health"))["healthy"]!, Is.True);
            await bed.CreateAsync("one-a", "one", "a");
            Assert.That(Directory.EnumerateFileSystemEntries("/sys/class/net/tstbridge0/brif"), Has.Exactly(1).Items);
        }
        finally
        {
            await Wombat.TestSupport.Lxc.DestroyAllAsync(bed.Path);
            await LxcNetworkBed.RunAsync("ip", "link", "delete", "tstbridge0");
        }
    }

    [Test]
    public async Task Health_WhenAnotherFirewallDropsForwardedPackets_NamesItsChain()
    {
        await using var bed = new LxcNetworkBed();
        Assert.That((string)(await bed.ForgeAsync("health"))["message"]!, Does.Contain("one network for each project"));

        // In a network namespace of its own, so that the packets of other tests pass.
        const string Script = """
            nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }' && exec "$0" health
            """;
        var result = await ChildProcess.RunAsync(
            new ChildCommand(
                "/usr/bin/unshare",
                ["-n", "/bin/sh", "-c", Script, TestSupport.WombatProcess.Forge()],
                TimeSpan.FromMinutes(1)
            )
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = bed.Path },
            },
            CancellationToken.None
        );
        Assert.That(result.Output, Does.Contain("warning: the chain ip filter FORWARD").And.Contain("DOCKER-USER"), result.ErrorTail);
    }

    [Test]
    public async Task Create_WithoutNft_MakesAContainerThatSaysWhy()
    {
        await using var bed = new LxcNetworkBed();

        // A mount namespace in which the program does not exist.
        const string Script = "mount -t tmpfs none /usr/sbin && exec \"$0\" \"$@\"";
        async Task<string> HiddenAsync(params string[] arguments)
        {
            var result = await ChildProcess.RunAsync(
                new ChildCommand(
                    "/usr/bin/unshare",
                    ["-m", "/bin/sh", "-c", Script, TestSupport.WombatProcess.Forge(), .. arguments],
                    TimeSpan.FromMinutes(1)
                )
                {
                    Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = bed.Path },
                },
                CancellationToken.None
            );
            Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
            return result.Output;
        }

        Assert.That(await HiddenAsync("health"), Does.Contain("containers get no network: nft is not installed").And.Contain("nftables"));
        var made = await HiddenAsync("create", "--name", "one-a", "--template", "busybox", "--network", "one");
        Assert.That(made, Does.Contain("no network: nft is not installed").And.Contain("\"running\""));
        await bed.ForgeAsync("stop", "--id", "one-a");
        var started = await bed.ForgeAsync("start", "--id", "one-a");
        Assert.That((string?)started["note"], Is.Null);
        Assert.That(await bed.PingsAsync("one-a", "one-a.one.wombat.internal"), Is.True, "it gets its network at the next start");
    }
}
