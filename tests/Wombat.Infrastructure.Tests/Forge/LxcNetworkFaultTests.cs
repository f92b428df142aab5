using System.Text.Json.Nodes;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Containers with a network whose forge is killed while they join or leave it.</summary>
[Category("Slow")]
public sealed class LxcNetworkFaultTests : LxcForgeTestBase
{
    private const int Rounds = 8;

    [Test]
    public async Task Network_WhoseForgeIsKilledAtAnyTime_IsJoinedAndLeftByTheNextCall()
    {
        var networks = Networks();
        await CreateAsync("peer");
        var step = await Forge.MeasureAsync(Create("measured")) / Rounds;
        for (var i = 0; i < Rounds; i++)
        {
            await Forge.KillAfterAsync((i + 1) * step, Create($"web{i}"));
            var made = await CreateAsync($"web{i}");
            Assert.That((string?)made["ip"], Does.StartWith("10."), $"round {i}: {made}");
            var ping = await Forge.InsideAsync("peer", $"ping -c 1 -W 2 web{i}.demo.wombat.internal");
            Assert.That(ping.ExitCode, Is.Zero, $"round {i}: {ping.ErrorTail}");
        }

        var addresses = (await Forge.RunAsync("list")).AsArray().Select(c => (string)c!["ip"]!).ToArray();
        Assert.That(addresses, Is.Unique.And.Length.EqualTo(Rounds + 2));

        step = await Forge.MeasureAsync("delete", "--id", "measured") / Rounds;
        for (var i = 0; i < Rounds; i++)
        {
            await Forge.KillAfterAsync((i + 1) * step, ["delete", "--id", $"web{i}"]);
            var left = await Forge.TryAsync("delete", "--id", $"web{i}");
            Assert.That(left.ExitCode, Is.Zero.Or.EqualTo(3), $"round {i}: {left.ErrorTail}");
        }

        await Forge.RunAsync("list");
        Assert.That((await Forge.InsideAsync("peer", "cat /etc/hosts")).Output, Does.Not.Contain("web"));
        await Forge.RunAsync("delete", "--id", "peer");
        Assert.That(Networks(), Is.EqualTo(networks), "no bridge and no record is left");
    }

    private Task<JsonNode> CreateAsync(string name) => Forge.RunAsync(Create(name));

    private static string[] Create(string name) => ["create", "--template", "busybox", "--network", "demo", "--key", name, "--name", name];

    // Those of other data folders have other owners.
    private string[] Networks() =>
        [
            .. Directory
                .GetFiles("/var/lib/wombat/forge/networks", "*.json")
                .Where(f => File.ReadAllText(f).Contains(Forge.Data, StringComparison.Ordinal))
                .Select(f => Path.GetFileNameWithoutExtension(f))
                .Where(n => Directory.Exists($"/sys/class/net/wb{n}")),
        ];
}
