using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge against the peculiarities of the Proxmox VE API.</summary>
[Category("Slow")]
public sealed class PveTests : PveTestBase
{
    [Test]
    public async Task Create_WhenIdIsTaken_UsesAnother()
    {
        Pve.IdsTakenByOthers = 3;
        var made = await ForgeAsync(
            0,
            "create",
            "--name",
            "web",
            "--template",
            "debian-12",
            "--key",
            "k1",
            "--memory",
            "256",
            "--cpu",
            "2",
            "--disk",
            "8"
        );
        Assert.That(((string)made["status"]!, (string)made["ip"]!), Is.EqualTo(("running", "192.0.2.7")));
        Assert.That((Pve.OwnGuests.Count, Pve.ForeignGuestCount), Is.EqualTo((1, 3)));
    }

    [Test]
    public async Task Resize_OfARunningGuest_ChangesMemoryAndGrowsTheDisk()
    {
        var made = await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        var id = (string)made["id"]!;
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var resized = await ForgeAsync(0, "resize", "--id", id, "--key", "k1", "--memory", "512", "--disk", "16");
            Assert.That((string)resized["status"]!, Is.EqualTo("running"));
        }

        Assert.That((Pve.MemoryOfOwnGuests[0], Pve.DisksOfOwnGuests[0]), Is.EqualTo(("512", 16)));
        await ForgeAsync(3, "resize", "--id", id, "--key", "another", "--memory", "256");
    }

    [Test]
    public async Task Create_WhenManyRunAtOnce_UsesDistinctIds()
    {
        var made = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => ForgeAsync(0, "create", "--name", $"web{i}", "--template", "debian-12", "--key", $"k{i}"))
        );
        Assert.That(made.Select(m => (string)m["id"]!).Distinct().Count(), Is.EqualTo(6));
        Assert.That(Pve.OwnGuests.Values, Is.All.EqualTo("running").And.Exactly(6).Items);
    }

    [Test]
    public async Task Create_WhenAnswerIsLost_FindsItsGuestByTheMarker()
    {
        Pve.UnansweredCreates = 1;
        Pve.WorkTime = TimeSpan.FromMilliseconds(700);
        await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Create_WhenKilledAfterThePost_IsContinuedByTheNext()
    {
        Pve.WorkTime = TimeSpan.FromMilliseconds(1500);
        await KillAfterAsync("POST nodes/pve1/lxc", "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(Pve.OwnGuests.Values, Is.EqualTo(new[] { "running" }));
    }

    [Test]
    public async Task Create_WhenCloneSourceIsLocked_Waits()
    {
        Pve.LockedAnswers = 2;
        var made = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(i => ForgeAsync(0, "create", "--name", $"c{i}", "--template", "golden", "--key", $"k{i}"))
        );
        Assert.That(made.Select(m => (string)m["status"]!), Is.All.EqualTo("running"));
        Assert.That(Pve.OwnGuests, Has.Count.EqualTo(3));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Create_WhenAnswerToACloneIsLost_CreatesOne(bool killed)
    {
        Pve.WorkTime = TimeSpan.FromMilliseconds(1500);
        string[] create = ["create", "--name", "web", "--template", "golden", "--key", "k1", "--memory", "256"];
        if (killed)
        {
            await KillAfterAsync("POST nodes/pve1/lxc/9000/clone", create);
        }
        else
        {
            Pve.UnansweredCreates = 1;
        }

        await ForgeAsync(0, create);
        Assert.That(Pve.OwnGuests.Values, Is.EqualTo(new[] { "running" }));
        Assert.That(Pve.MemoryOfOwnGuests, Is.EqualTo(new[] { "256" }));
    }

    [TestCase("debian-12")]
    [TestCase("golden")]
    public async Task Create_WhenKilledBeforeTheStart_IsCompletedByTheNext(string template)
    {
        Pve.IgnoredStarts = 1;
        string[] create = ["create", "--name", "web", "--template", template, "--key", "k1", "--memory", "256"];
        Assert.That(
            async () => await ChildProcess.RunAsync(new ChildCommand(Forge, create, TimeSpan.FromMilliseconds(2500)), default),
            Throws.TypeOf<TimeoutException>()
        );
        Assert.That(Pve.IgnoredStarts, Is.Zero);
        Assert.That((string)(await ForgeAsync(0, "list"))[0]!["status"]!, Is.EqualTo("creating"));
        Assert.That((string)(await ForgeAsync(0, create))["status"]!, Is.EqualTo("running"));
        Assert.That(
            (Pve.OwnGuests.Values.Single(), (string)(await ForgeAsync(0, "list"))[0]!["status"]!),
            Is.EqualTo(("running", "running"))
        );
    }

    [TestCase("--disk", "8")]
    [TestCase("--ssh-key-file", "KEYS")]
    public async Task Create_WhenCloneDoesNotSupportAnOption_IsRejected(string option, string value)
    {
        var keys = Path.Combine(Folder.Path, "keys");
        await File.WriteAllTextAsync(keys, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr\n");
        await ForgeAsync(2, "create", "--name", "web", "--template", "golden", "--key", "k1", option, value == "KEYS" ? keys : value);
        Assert.That(Pve.OwnGuests, Is.Empty);
    }

    [Test]
    public async Task Create_WhenCreated_StartsTheGuestItself()
    {
        await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(Pve.Requests, Does.Contain($"POST nodes/pve1/lxc/{Pve.OwnGuests.Keys.Single()}/status/start"));
    }

    [Test]
    public async Task Create_WhenStorageIsFull_EndsWithCapacity()
    {
        Pve.FailingTasks.Enqueue("unable to create CT: out of space");
        await ForgeAsync(5, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        Assert.That(Pve.OwnGuests, Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Delete_WhenGuestIsForeign_ChangesNothing(bool errorsInBody)
    {
        Pve.ErrorsInBody = errorsInBody;
        var stranger = Pve.AddForeignGuest();
        await ForgeAsync(3, "delete", "--id", stranger.ToString());
        var made = await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        await ForgeAsync(3, "delete", "--id", (string)made["id"]!, "--key", "other");
        Assert.That((Pve.ForeignGuestCount, Pve.OwnGuests.Count), Is.EqualTo((1, 1)));
        await ForgeAsync(0, "delete", "--id", (string)made["id"]!, "--key", "k1");
        await ForgeAsync(3, "status", "--id", (string)made["id"]!);
        Assert.That((Pve.ForeignGuestCount, Pve.OwnGuests.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Create_WhenTagsAreRefused_StillSucceeds()
    {
        Pve.RejectsTags = true;
        await ForgeAsync(0, "create", "--name", "web", "--template", "debian-12", "--key", "k1");
        var listed = (await ForgeAsync(0, "list")).AsArray();
        Assert.That(listed.Select(g => (string)g!["key"]!), Is.EqualTo(new[] { "k1" }));
    }

    [Test]
    public async Task List_WhenTokenIsWrong_EndsWithUnauthorized()
    {
        var program = PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_TOKEN", "wombat@pve!forge=wrong"));
        var result = await ChildProcess.RunAsync(new ChildCommand(program, ["list"], TimeSpan.FromSeconds(30)), default);
        Assert.That(result.ExitCode, Is.EqualTo(6), result.ErrorTail);
        Assert.That(result.ErrorTail, Does.Not.Contain("=wrong"));
    }

    [Test]
    public async Task List_WhenCertificateIsUntrusted_Fails()
    {
        var wrong = await ChildProcess.RunAsync(
            new ChildCommand(
                PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_FINGERPRINT", new string('A', 64))),
                ["list"],
                TimeSpan.FromSeconds(30)
            ),
            default
        );
        Assert.That(
            (wrong.ExitCode, wrong.ErrorTail),
            Is.EqualTo((6, "Proxmox VE: the certificate of 127.0.0.1 is not trusted; set FORGE_PVE_CA_FILE or FORGE_PVE_FINGERPRINT"))
        );
        var none = await ChildProcess.RunAsync(
            new ChildCommand(PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_FINGERPRINT", "")), ["list"], TimeSpan.FromSeconds(30)),
            default
        );
        Assert.That(none.ExitCode, Is.EqualTo(6));
        var ca = Path.Combine(Folder.Path, "ca.pem");
        await File.WriteAllTextAsync(ca, Pve.CaPem);
        var trusted = await ChildProcess.RunAsync(
            new ChildCommand(
                PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_FINGERPRINT", ""), ("FORGE_PVE_CA_FILE", ca)),
                ["list"],
                TimeSpan.FromSeconds(30)
            ),
            default
        );
        Assert.That(trusted.ExitCode, Is.Zero, trusted.ErrorTail);
    }

    [Test]
    public async Task List_WhenServerIsDown_EndsWithUnavailable()
    {
        var program = PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_URL", $"https://127.0.0.1:{FreePort.Next()}"));
        Assert.That(
            (await ChildProcess.RunAsync(new ChildCommand(program, ["list"], TimeSpan.FromSeconds(30)), default)).ExitCode,
            Is.EqualTo(7)
        );
        var health = await ChildProcess.RunAsync(new ChildCommand(program, ["health"], TimeSpan.FromSeconds(30)), default);
        Assert.That((health.ExitCode, (bool)JsonNode.Parse(health.Output)!["healthy"]!), Is.EqualTo((0, false)));
    }
}
