using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge derives the state of a guest from the API, not from error texts or its own requests.</summary>
[Category("Slow")]
public sealed class PveStateTests : PveTestBase
{
    [TestCase("vzdestroy", "no such logical volume pve/data")]
    [TestCase("vzdestroy", "zfs error: cannot open 'rpool/data/subvol-100-disk-0': dataset does not exist")]
    public async Task Delete_WhenTaskFails_ReportsItsText(string type, string text)
    {
        var id = await MakeAsync("k1");
        Pve.FailingWork[type] = text;
        var (_, said) = await TryAsync(1, "delete", "--id", id, "--key", "k1");
        Assert.That(said, Does.Contain(text));
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Delete_WhenTaskFailsAfterTheGuestIsGone_Succeeds()
    {
        var id = await MakeAsync("k1");
        Pve.FailingAfterWork["vzdestroy"] = "can't remove the firewall rules";
        await ForgeAsync(0, "delete", "--id", id, "--key", "k1");
        Assert.That(Pve.OwnGuests, Is.Empty);
    }

    [Test]
    public async Task Commands_WhenACloneHasTheSameKey_NeverUseTheClone()
    {
        var id = await MakeAsync("k1");
        var copy = Pve.CloneExternally(int.Parse(id));
        Assert.That((await ForgeAsync(0, "list")).AsArray().Select(g => (string)g!["id"]!), Is.EqualTo(new[] { id, copy.ToString() }));
        Assert.That((string)(await ForgeAsync(0, "health"))["message"]!, Does.Contain($"{id}, {copy} have the same key"));
        var (_, said) = await TryAsync(4, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(said, Does.Contain($"{id}, {copy} all have the key"));
        (_, said) = await TryAsync(0, "delete", "--id", id, "--key", "k1");
        Assert.That(said, Does.Contain($"guest {copy} (copy) has the same key"));
        Assert.That(Pve.OwnGuests.Keys, Is.EqualTo(new[] { copy }));
    }

    [Test]
    public async Task Restart_WhenHaManagesTheGuest_WaitsUntilItRuns()
    {
        var id = await MakeAsync("k1");
        Pve.HaManaged[int.Parse(id)] = true;
        Assert.That((string)(await ForgeAsync(0, "stop", "--id", id))["status"]!, Is.EqualTo("stopped"));
        Assert.That((string)(await ForgeAsync(0, "start", "--id", id))["status"]!, Is.EqualTo("running"));
        Assert.That((string)(await ForgeAsync(0, "restart", "--id", id))["status"]!, Is.EqualTo("running"));
        await Eventually.UntilAsync(() => Pve.PendingHaChanges == 0, "HA has done what was requested");
        Assert.That(Pve.StatusOf(int.Parse(id)), Is.EqualTo("running"), "no queued stop follows");
    }

    [Test]
    public async Task List_WhenANodeIsOffline_ReportsItsGuestsAsUnknown()
    {
        var moved = await MakeAsync("k1");
        Pve.MigrateExternally(int.Parse(moved));
        var stranger = Pve.AddForeignGuest(onOtherNode: true);
        Pve.OfflineNodes["pve2"] = true;
        var made = await MakeAsync("k2", "db");
        var listed = (await ForgeAsync(0, "list")).AsArray().ToDictionary(g => (string)g!["id"]!, g => (string)g!["status"]!);
        Assert.That(
            listed,
            Is.EquivalentTo(
                new Dictionary<string, string>
                {
                    [moved] = "unknown",
                    [stranger.ToString()] = "unknown",
                    [made] = "running",
                }
            )
        );
        var health = await ForgeAsync(0, "health");
        Assert.That((bool)health["healthy"]!, Is.True);
        Assert.That((string)health["message"]!, Does.Contain("node pve2 is unreachable (2 guests)"));
        foreach (var command in new[] { "status", "delete", "stop" })
        {
            await ForgeAsync(7, command, "--id", moved, "--key", "k1");
        }

        var (_, said) = await TryAsync(7, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(said, Does.Contain("pve2 is unreachable"), "the unreadable guest may have the key");
        Pve.OfflineNodes.Clear();
        Pve.OfflineNodes["pve1"] = true;
        Assert.That((bool)(await ForgeAsync(0, "health"))["healthy"]!, Is.False, "creates fail");
    }

    [Test]
    public async Task Commands_WhenTagsWereReplaced_StillFindTheGuest()
    {
        var id = await MakeAsync("k1");
        Pve.RetagExternally(int.Parse(id), "backup;critical");
        Assert.That((string)(await ForgeAsync(0, "list"))[0]!["key"]!, Is.EqualTo("k1"));
        Assert.That((string)(await ForgeAsync(0, "status", "--id", id, "--key", "k1"))["status"]!, Is.EqualTo("running"));
        await MakeAsync("k1");
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
        Assert.That((string)(await ForgeAsync(0, "stop", "--id", id))["status"]!, Is.EqualTo("stopped"));
        await ForgeAsync(0, "delete", "--id", id, "--key", "k1");
        Assert.That(Pve.OwnGuests, Is.Empty);
    }

    [Test]
    public async Task Stop_WhenErrorIsAboutTheGuestAgent_Fails()
    {
        var id = await MakeAsync("k1");
        Pve.FailingWork["vzshutdown"] = "guest agent is not running";
        var (_, said) = await TryAsync(1, "stop", "--id", id);
        Assert.That(said, Does.Contain("guest agent is not running"));
    }

    [TestCase(429)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task Request_WhenGatewayFails_IsRetried(int status)
    {
        var id = await MakeAsync("k1");
        (Pve.GatewayStatus, Pve.GatewayErrors) = (status, 9);
        Assert.That((string)(await ForgeAsync(0, "stop", "--id", id))["status"]!, Is.EqualTo("stopped"));
        Pve.GatewayErrors = 2;
        await MakeAsync("k2", "db");
        Pve.GatewayErrors = 2;
        await ForgeAsync(0, "delete", "--id", id, "--key", "k1");
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Request_WhenGatewayKeepsFailing_IsUnavailable()
    {
        Pve.GatewayErrors = int.MaxValue;
        await ForgeAsync(7, "list");
    }
}
