using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge on a cluster of several nodes.</summary>
[Category("Slow")]
public sealed class PveNodeTests : PveTestBase
{
    private const string ThirdNode = "pve3";

    [SetUp]
    public void UseAllNodes()
    {
        Pve.UsedMemory[ThirdNode] = 48;
        UseNodes("*");
    }

    [TestCase("*", 16, 32, "pve1")]
    [TestCase("*", 40, 32, "pve2")]
    [TestCase("*", 60, 60, "pve3")]
    [TestCase("pve1,pve2", 60, 61, "pve1")]
    [TestCase(" pve2 , pve3", 1, 50, "pve3")]
    public async Task Create_OnSeveralNodes_UsesTheOneWithMostFreeMemory(string nodes, int first, int second, string expected)
    {
        (Pve.UsedMemory["pve1"], Pve.UsedMemory["pve2"]) = (first, second);
        UseNodes(nodes);
        var made = await CreateAsync(0, "k1");
        Assert.That(((string)made["node"]!, Pve.NodeOf(Number(made))), Is.EqualTo((expected, expected)));
    }

    [Test]
    public async Task Create_WhenANodeIsOffline_UsesAnother()
    {
        Pve.OfflineNodes["pve1"] = true;
        Assert.That((string)(await CreateAsync(0, "k1"))["node"]!, Is.EqualTo("pve2"));
        Pve.OfflineNodes["pve2"] = Pve.OfflineNodes[ThirdNode] = true;
        var (_, said) = await TryCreateAsync(7, "k2", "--name", "db");
        Assert.That(said, Does.Contain("none of the nodes pve1, pve2, pve3 is online"));
    }

    [Test]
    public async Task Create_WhenTheMemoryIsHidden_UsesTheFirstNodeAndSaysSo()
    {
        Pve.HidesMemory = true;
        UseNodes("pve2,pve1");
        var (_, said) = await TryCreateAsync(0, "k1");
        Assert.That(said, Does.Contain("the memory of the nodes cannot be read (Sys.Audit is missing); using pve2"));
        Assert.That(Pve.NodeOf(Pve.OwnGuests.Keys.Single()), Is.EqualTo("pve2"));
    }

    [Test]
    public async Task Create_WithANode_UsesIt()
    {
        Assert.That((string)(await CreateAsync(0, "k1", "--node", ThirdNode))["node"]!, Is.EqualTo(ThirdNode));
        UseNodes("pve1,pve2");
        var (_, said) = await TryCreateAsync(2, "k2", "--node", ThirdNode);
        Assert.That(said, Is.EqualTo("--node: must be one of pve1, pve2"));
        (_, said) = await TryCreateAsync(2, "k2", "--node", "../pve1");
        Assert.That(said, Does.StartWith("--node: '../pve1' is not of the form"));
        Pve.OfflineNodes["pve2"] = true;
        (_, said) = await TryCreateAsync(7, "k2", "--node", "pve2");
        Assert.That(said, Does.Contain("none of the nodes pve2 is online"));
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [TestCase("")]
    [TestCase("pve1,../x")]
    [TestCase("pve1,*")]
    [TestCase("pve1,")]
    public async Task Commands_WhenTheNodesAreNoNames_NameTheSetting(string nodes)
    {
        UseNodes(nodes);
        Assert.That((await TryAsync(2, "list")).Errors, Does.StartWith("FORGE_PVE_NODE: "));
    }

    [Test]
    public async Task Create_RepeatedAfterAMigration_FindsTheGuestOnItsNode()
    {
        var id = (string)(await CreateAsync(0, "k1"))["id"]!;
        Pve.MigrateExternally(int.Parse(id), ThirdNode);
        var again = await CreateAsync(0, "k1", "--node", "pve2");
        Assert.That(((string)again["id"]!, (string)again["node"]!), Is.EqualTo((id, ThirdNode)));
        Assert.That((string)(await ForgeAsync(0, "stop", "--id", id, "--key", "k1"))["status"]!, Is.EqualTo("stopped"));
        Assert.That((string)(await ForgeAsync(0, "start", "--id", id, "--key", "k1"))["node"]!, Is.EqualTo(ThirdNode));
        await ForgeAsync(0, "resize", "--id", id, "--memory", "256");
        Assert.That((string)(await ForgeAsync(0, "list"))[0]!["node"]!, Is.EqualTo(ThirdNode));
        await ForgeAsync(0, "delete", "--id", id, "--key", "k1");
        Assert.That(Pve.OwnGuests, Is.Empty);
    }

    [Test]
    public async Task Create_WhenAnswerIsLostAndAnotherNodeIsBetterThen_CreatesOne()
    {
        Pve.UnansweredCreates = 1;
        Pve.WorkTime = TimeSpan.FromMilliseconds(1500);
        var making = CreateAsync(0, "k1");
        await Eventually.UntilAsync(() => Pve.Requests.Contains("POST nodes/pve1/lxc"), "it is created on pve1");
        Pve.UsedMemory["pve1"] = 63;
        Assert.That((string)(await making)["node"]!, Is.EqualTo("pve1"));
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Create_WhenItsGuestMayBeOnAnOfflineNode_CreatesNoSecond(bool forgetsNames)
    {
        var made = await CreateAsync(0, "k1");
        Pve.OfflineNodes["pve1"] = true;
        Pve.ForgetsNames = forgetsNames;
        var (_, said) = await TryCreateAsync(7, "k1");
        Assert.That(said, Does.Contain($"guest {(string)made["id"]!} may be web, but it cannot be read: node pve1 is unreachable"));
        Assert.That((string)(await CreateAsync(0, "k2", "--name", "db"))["node"]!, Is.EqualTo("pve2"), "others are created elsewhere");
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(2));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Commands_WhenANodeIsOffline_ReportItsGuestsAsUnknown(bool isNoticed)
    {
        var lost = (string)(await CreateAsync(0, "k1"))["id"]!;
        var kept = (string)(await CreateAsync(0, "k2", "--name", "db", "--node", "pve2"))["id"]!;
        Pve.OfflineNodes["pve1"] = isNoticed;
        var listed = (await ForgeAsync(0, "list")).AsArray().Where(g => (string)g!["name"]! is "web" or "db");
        Assert.That(
            listed.Select(g => ((string)g!["id"]!, (string)g["status"]!, (string)g["node"]!)),
            Is.EqualTo(new[] { (lost, "unknown", "pve1"), (kept, "running", "pve2") })
        );
        foreach (var command in new[] { "status", "start", "stop", "delete" })
        {
            await ForgeAsync(7, command, "--id", lost, "--key", "k1");
        }

        await ForgeAsync(0, "stop", "--id", kept, "--key", "k2");
        var health = await ForgeAsync(0, "health");
        Assert.That((bool)health["healthy"]!, Is.True);
        Assert.That(
            (string)health["message"]!,
            Does.Contain("nodes pve1, pve2, pve3").And.Contain("node pve1 is unreachable (2 guests)").And.Not.Contain("pve2 is")
        );
    }

    [Test]
    public async Task Health_WhenASettingNamesAnUnknownNode_SaysSo()
    {
        UseNodes("pve1,pve9");
        Assert.That((string)(await ForgeAsync(0, "health"))["message"]!, Does.Contain("node pve9 is unreachable (0 guests)"));
        Assert.That((string)(await CreateAsync(0, "k1"))["node"]!, Is.EqualTo("pve1"));
        UseNodes("pve9");
        Assert.That((bool)(await ForgeAsync(0, "health"))["healthy"]!, Is.False);
    }

    [Test]
    public async Task Create_OfAClone_IsMadeWhereItsSourceIs()
    {
        Pve.UsedMemory["pve1"] = 63;
        Assert.That((string)(await CloneAsync(0, "k1"))["node"]!, Is.EqualTo("pve1"));
        var (_, said) = await TryAsync(2, Arguments("golden", "k2", "--node", "pve2"));
        Assert.That(said, Does.Contain("can't clone CT to node 'pve2' (CT uses local storage)"));
        Pve.SharesStorage = true;
        Assert.That((string)(await CloneAsync(0, "k2", "--node", "pve2"))["node"]!, Is.EqualTo("pve2"));
        UseNodes("pve3");
        Assert.That((string)(await CloneAsync(0, "k3"))["node"]!, Is.EqualTo("pve3"), "the source is on no node of the setting");
    }

    [Test]
    public async Task Create_WhenAnswerToACloneOnAnotherNodeIsLost_CreatesOne()
    {
        (Pve.SharesStorage, Pve.UnansweredCreates, Pve.WorkTime) = (true, 1, TimeSpan.FromMilliseconds(1200));
        Assert.That((string)(await CloneAsync(0, "k1", "--node", "pve2"))["node"]!, Is.EqualTo("pve2"));
        Assert.That(Pve.OwnGuests.Values, Is.EqualTo(new[] { "running" }));
    }

    [Test]
    public async Task Create_OnThisMachine_HasNoNodes()
    {
        var result = await ChildProcess.RunAsync(
            new ChildCommand(
                WombatProcess.Forge(),
                ["create", "--name", "web", "--template", "busybox", "--node", "pve1"],
                TimeSpan.FromSeconds(30)
            )
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = Folder.Path },
            },
            default
        );
        Assert.That((result.ExitCode, result.ErrorTail), Is.EqualTo((2, "--node: this machine has no nodes; only Proxmox VE does")));
    }

    private void UseNodes(string nodes) => Forge = PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_NODE", nodes));

    private static int Number(JsonNode guest) => int.Parse((string)guest["id"]!);

    private static string[] Arguments(string template, string key, params string[] more) =>
        [
            "create",
            .. more.Contains("--name", StringComparer.Ordinal) ? (string[])[] : ["--name", "web"],
            "--template",
            template,
            "--key",
            key,
            .. more,
        ];

    private Task<JsonNode> CreateAsync(int exitCode, string key, params string[] more) =>
        ForgeAsync(exitCode, Arguments("debian-12", key, more));

    private Task<JsonNode> CloneAsync(int exitCode, string key, params string[] more) =>
        ForgeAsync(exitCode, Arguments("golden", key, more));

    private Task<(string Output, string Errors)> TryCreateAsync(int exitCode, string key, params string[] more) =>
        TryAsync(exitCode, Arguments("debian-12", key, more));
}
