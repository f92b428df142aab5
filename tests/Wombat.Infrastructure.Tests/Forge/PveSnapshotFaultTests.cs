using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Snapshots of guests of Proxmox VE whose tasks fail, whose answers are lost, or whose forge is killed.</summary>
[Category("Slow")]
public sealed class PveSnapshotFaultTests : PveTestBase
{
    private string id = null!;

    private int Number => int.Parse(id);

    [SetUp]
    public async Task Make() => id = await MakeAsync("k1");

    [Test]
    public async Task Create_WhenTheStorageHasNone_SaysSo()
    {
        Pve.FailingWork["vzsnapshot"] = "snapshot feature is not available";
        var said = await FailAsync(2, "create", "before");
        Assert.That(
            said,
            Does.Contain("the storage of the container does not support snapshots (Proxmox VE: snapshot feature is not available)")
        );
        Assert.That((Pve.SnapshotsOf(Number).Count, Pve.StatusOf(Number)), Is.EqualTo((0, "running")));
    }

    [TestCase("can't create snapshot: no space left on device", 5)]
    [TestCase("lvcreate failed", 1)]
    public async Task Create_WhenItsTaskFails_LeavesNothing(string error, int exitCode)
    {
        Pve.FailingWork["vzsnapshot"] = error;
        Assert.That(await FailAsync(exitCode, "create", "before"), Does.Contain(error));
        Assert.That(Pve.SnapshotsOf(Number), Is.Empty);
        Pve.FailingWork.Clear();
        await SnapshotAsync("create", "before");
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task Create_WhenItsTaskFailsAfterTheWork_Succeeds()
    {
        Pve.FailingAfterWork["vzsnapshot"] = "can't thaw the file system";
        await SnapshotAsync("create", "before");
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Create_WhenItsAnswerIsLost_MakesOne(bool hasRequest)
    {
        Pve.WorkTime = TimeSpan.FromMilliseconds(1200);
        Pve.Unanswered["POST snapshot"] = true;
        await SnapshotAsync("create", "before", hasRequest ? ["--request", "r1"] : []);
        Assert.That(Posts("snapshot"), Is.EqualTo(1));
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task Create_WhenForgeIsKilled_IsCompletedByTheNext()
    {
        Pve.WorkTime = TimeSpan.FromMilliseconds(1500);
        await KillAfterAsync($"POST nodes/pve1/lxc/{id}/snapshot", Arguments("create", "before", "--request", "r1"));
        await SnapshotAsync("create", "before", "--request", "r1");
        Assert.That(Posts("snapshot"), Is.EqualTo(1));
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task Create_WhenTheGuestIsLockedForAMoment_Waits()
    {
        Pve.FailingWork["vzsnapshot"] = "can't lock file '/run/lock/lxc/pve-config.lock' - got timeout";
        var making = SnapshotAsync("create", "before");
        await Eventually.UntilAsync(() => Posts("snapshot") > 1, "it tries again");
        Pve.FailingWork.Clear();
        await making;
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task Restore_WhenTheStorageRefuses_LeavesTheGuestRunning()
    {
        await SnapshotAsync("create", "first");
        await SnapshotAsync("create", "second");
        Pve.WriteFiles(Number, "now");
        Pve.RollsBackToNewestOnly = true;
        Assert.That(await FailAsync(4, "restore", "first", "--request", "r1"), Does.Contain("'first' is not most recent snapshot"));
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "now")));
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1"));
    }

    [Test]
    public async Task Restore_WhenItsTaskFailsAfterTheKill_StartsTheGuestAgain()
    {
        await SnapshotAsync("create", "before");
        Pve.WriteFiles(Number, "now");
        Pve.FailingWork["vzrollback"] = "lvconvert failed";
        Assert.That(await FailAsync(1, "restore", "before"), Does.Contain("lvconvert failed"));
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "now")));
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1"));
    }

    [Test]
    public async Task Restore_WhenTheGuestStaysLocked_IsContinuedOnceItIsUnlocked()
    {
        await SnapshotAsync("create", "before");
        Pve.WriteFiles(Number, "now");
        (Pve.FailedRollbacksLock, Pve.FailingWork["vzrollback"]) = (true, "lvconvert failed");
        await FailAsync(1, "restore", "before", "--request", "r1");
        Assert.That(Pve.NotesOf(Number), Does.Contain("wombat-restoring: r1 begun running"));
        Pve.FailingWork.Clear();
        Pve.UnlockExternally(Number);
        await SnapshotAsync("restore", "before", "--request", "r1");
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "")), "it ran before the first attempt");
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1\nwombat-restored: r1"));
    }

    [Test]
    public async Task Restore_WhenItsAnswerIsLost_Completes()
    {
        await SnapshotAsync("create", "before");
        Pve.WriteFiles(Number, "now");
        Pve.WorkTime = TimeSpan.FromMilliseconds(1200);
        Pve.Unanswered["POST rollback"] = true;
        await SnapshotAsync("restore", "before", "--request", "r1");
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "")));
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1\nwombat-restored: r1"));
    }

    [TestCase("restore")]
    [TestCase("start")]
    public async Task Restore_WhenForgeIsKilled_IsEndedByTheNextCommand(string next)
    {
        await ForgeAsync(0, "resize", "--id", id, "--memory", "256");
        await SnapshotAsync("create", "before");
        await ForgeAsync(0, "resize", "--id", id, "--memory", "512", "--disk", "16");
        Pve.WriteFiles(Number, "now");
        Pve.WorkTime = TimeSpan.FromMilliseconds(1500);
        await KillAfterAsync($"POST nodes/pve1/lxc/{id}/snapshot/before/rollback", Arguments("restore", "before", "--request", "r1"));
        if (next == "restore")
        {
            await SnapshotAsync("restore", "before", "--request", "r1");
        }
        else
        {
            await ForgeAsync(0, next, "--id", id);
        }

        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "")));
        Assert.That(Pve.SizeOf(Number), Is.EqualTo(((string?)null, "512", 16)), "not that of the snapshot");
        Assert.That(Pve.NotesOf(Number), Does.Not.Contain("wombat-restoring"));
    }

    [Test]
    public async Task Restore_WhenTheStartFails_IsCompletedWhenRepeated()
    {
        await SnapshotAsync("create", "before");
        Pve.WriteFiles(Number, "now");
        Pve.FailingWork["vzstart"] = "startup for container failed";
        await FailAsync(1, "restore", "before", "--request", "r1");
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("stopped", "")));
        Pve.FailingWork.Clear();
        Pve.WriteFiles(Number, "repaired");
        await SnapshotAsync("restore", "before", "--request", "r1");
        Assert.That((Pve.StatusOf(Number), Pve.FilesOf(Number)), Is.EqualTo(("running", "repaired")), "it is not rolled back twice");
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1\nwombat-restored: r1"));
    }

    [Test]
    public async Task Restore_WhenSomebodyWritesNotesMeanwhile_KeepsThem()
    {
        await SnapshotAsync("create", "before");
        Pve.WorkTime = TimeSpan.FromMilliseconds(1200);
        var restoring = SnapshotAsync("restore", "before", "--request", "r1");
        await Eventually.UntilAsync(() => Posts("rollback") > 0, "it rolls back");
        Pve.WriteNotesExternally(Number, $"{Pve.NotesOf(Number)}\nwritten meanwhile");
        await restoring;
        Assert.That(Pve.NotesOf(Number), Is.EqualTo("wombat-key: k1\nwritten meanwhile\nwombat-restored: r1"));
    }

    [Test]
    public async Task Delete_WhenItsAnswerIsLost_Succeeds()
    {
        await SnapshotAsync("create", "before");
        Pve.WorkTime = TimeSpan.FromMilliseconds(1200);
        Pve.Unanswered["DELETE before"] = true;
        await SnapshotAsync("delete", "before");
        Assert.That(Pve.SnapshotsOf(Number), Is.Empty);
    }

    [Test]
    public async Task Delete_WhenItsTaskFails_SaysWhy()
    {
        await SnapshotAsync("create", "before");
        Pve.FailingWork["vzdelsnapshot"] = "lvremove failed";
        Assert.That(await FailAsync(1, "delete", "before"), Does.Contain("lvremove failed"));
        Assert.That(Pve.SnapshotsOf(Number), Is.EqualTo(new[] { "before" }));
    }

    [Test]
    public async Task Snapshots_OfAMigratedGuest_AreFound()
    {
        Pve.MigrateExternally(Number);
        await SnapshotAsync("create", "before");
        Pve.WriteFiles(Number, "now");
        Pve.MigrateExternally(Number, FakePve.Node);
        await SnapshotAsync("restore", "before");
        Assert.That(Pve.FilesOf(Number), Is.Empty);
        Pve.MigrateExternally(Number);
        Pve.OfflineNodes["pve2"] = true;
        foreach (var command in new[] { "create", "restore", "delete" })
        {
            await FailAsync(7, command, "before");
        }

        await ForgeAsync(7, "snapshot", "list", "--id", id);
        Assert.That((await ForgeAsync(0, "snapshot", "expired")).AsArray(), Is.Empty, "an unreachable node does not hide the others");
    }

    private int Posts(string last) =>
        Pve.Requests.Count(r => r.StartsWith("POST ", StringComparison.Ordinal) && r.EndsWith($"/{last}", StringComparison.Ordinal));

    private string[] Arguments(string command, string name, params string[] more) =>
        ["snapshot", command, "--id", id, "--key", "k1", "--snapshot", name, .. more];

    private Task SnapshotAsync(string command, string name, params string[] more) => ForgeAsync(0, Arguments(command, name, more));

    private async Task<string> FailAsync(int exitCode, string command, string name, params string[] more) =>
        (await TryAsync(exitCode, Arguments(command, name, more))).Errors;
}
