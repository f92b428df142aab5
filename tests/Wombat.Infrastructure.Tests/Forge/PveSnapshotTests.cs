using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Snapshots of guests of Proxmox VE.</summary>
[Category("Slow")]
public sealed class PveSnapshotTests : PveTestBase
{
    [TestCase("running")]
    [TestCase("stopped")]
    public async Task Restore_OfAnyGuest_BringsBackItsFilesAndItsState(string state)
    {
        var id = await MakeGuestAsync();
        if (state == "stopped")
        {
            await ForgeAsync(0, "stop", "--id", id);
        }

        Pve.WriteFiles(int.Parse(id), "good");
        await SnapshotAsync(0, id, "before");
        Pve.WriteFiles(int.Parse(id), "bad");
        var restored = await RestoreAsync(0, id, "before", "r1");
        Assert.That(((string)restored["status"]!, Pve.FilesOf(int.Parse(id))), Is.EqualTo((state, "good")));
        Assert.That(Pve.SnapshotsOf(int.Parse(id)), Is.EqualTo(new[] { "before" }), "it stays");
    }

    [Test]
    public async Task Restore_AfterAResize_KeepsSizeAndNotes()
    {
        var id = await MakeGuestAsync();
        var number = int.Parse(id);
        await ForgeAsync(0, "resize", "--id", id, "--cpu", "1", "--memory", "256");
        await SnapshotAsync(0, id, "before");
        await ForgeAsync(0, "resize", "--id", id, "--cpu", "2", "--memory", "512", "--disk", "16");
        Pve.WriteNotesExternally(number, $"of the shop\n{Pve.NotesOf(number)}\nask Ada before you stop it");
        await RestoreAsync(0, id, "before", "r1");
        Assert.That(Pve.SizeOf(number), Is.EqualTo(("2", "512", 16)));
        Assert.That(Pve.NotesOf(number), Is.EqualTo("of the shop\nwombat-key: k1\nask Ada before you stop it\nwombat-restored: r1"));
        Assert.That((string)(await ForgeAsync(0, "status", "--id", id, "--key", "k1"))["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Restore_RepeatedWithItsRequest_DoesNothingAgain()
    {
        var id = await MakeGuestAsync();
        await SnapshotAsync(0, id, "before");
        await RestoreAsync(0, id, "before", "r1");
        Pve.WriteFiles(int.Parse(id), "later");
        await RestoreAsync(0, id, "before", "r1");
        Assert.That(Pve.FilesOf(int.Parse(id)), Is.EqualTo("later"));
        await RestoreAsync(0, id, "before", "r2");
        Assert.That(Pve.FilesOf(int.Parse(id)), Is.Empty);
    }

    [Test]
    public async Task Create_RepeatedWithItsRequest_MakesOne()
    {
        var id = await MakeGuestAsync();
        var first = await SnapshotAsync(0, id, "before", "--request", "r1");
        var again = await SnapshotAsync(0, id, "before", "--request", "r1");
        Assert.That((string)again["created_at"]!, Is.EqualTo((string)first["created_at"]!));
        var (_, said) = await TryAsync(4, "snapshot", "create", "--id", id, "--snapshot", "before", "--request", "r2");
        Assert.That(said, Does.Contain($"{id} already has a snapshot before"));
        Assert.That(Pve.Requests.Count(r => r == $"POST nodes/pve1/lxc/{id}/snapshot"), Is.EqualTo(1));
    }

    [Test]
    public async Task List_OfSnapshotsOfPeople_ShowsThemWithoutChangingThem()
    {
        var id = await MakeGuestAsync();
        Pve.SnapshotExternally(int.Parse(id), "Before_Upgrade", "made by Ada\nwombat-expires: never");
        Pve.SnapshotExternally(int.Parse(id), "unfinished", "", "prepare");
        await SnapshotAsync(0, id, "mine", "--expires", "2030-01-02T03:04:05Z");
        var listed = (await ForgeAsync(0, "snapshot", "list", "--id", id, "--key", "k1")).AsArray();
        Assert.That(listed.Select(s => (string)s!["name"]!), Is.EqualTo(new[] { "Before_Upgrade", "mine" }), "the oldest first");
        Assert.That((string)listed[0]!["created_at"]!, Does.StartWith("2023-11-14T"));
        Assert.That(listed.Select(s => ((string?)s!["expires_at"])?[..19]), Is.EqualTo(new[] { null, "2030-01-02T03:04:05" }));
        Assert.That(listed.Select(s => s!["bytes"]), Is.All.Null);

        Pve.WriteFiles(int.Parse(id), "bad");
        await RestoreAsync(0, id, "Before_Upgrade", "r1");
        Assert.That(Pve.FilesOf(int.Parse(id)), Is.Empty);
        await ForgeAsync(0, "snapshot", "delete", "--id", id, "--snapshot", "Before_Upgrade");
        Assert.That(Pve.SnapshotsOf(int.Parse(id)), Is.EqualTo(new[] { "unfinished", "mine" }));
        var (_, said) = await TryAsync(4, "snapshot", "create", "--id", id, "--snapshot", "unfinished");
        Assert.That(said, Does.Contain("incomplete snapshot unfinished (prepare)"));
    }

    [Test]
    public async Task Expired_OfAllGuests_ListsThoseWithTheirKeys()
    {
        var (first, second) = (await MakeGuestAsync(), await MakeAsync("k2", "db"));
        var stranger = Pve.AddForeignGuest();
        await SnapshotAsync(0, first, "old", "--expires", "2020-01-01T00:00:00Z");
        await SnapshotAsync(0, first, "new", "--expires", "2099-01-01T00:00:00Z");
        await SnapshotAsync(0, second, "older", "--expires", "2019-01-01T00:00:00Z");
        Pve.SnapshotExternally(int.Parse(second), "kept", "2019");
        Pve.SnapshotExternally(stranger, "theirs", "wombat-expires: 2019-01-01T00:00:00Z");
        var expired = (await ForgeAsync(0, "snapshot", "expired", "--at", "2026-01-01T00:00:00Z")).AsArray();
        Assert.That(
            expired.Select(s => ((string)s!["key"]!, (string)s["name"]!)),
            Is.EquivalentTo(new[] { ("k1", "old"), ("k2", "older") })
        );
    }

    [Test]
    public async Task Delete_OfAMissingSnapshot_Succeeds()
    {
        var id = await MakeGuestAsync();
        await SnapshotAsync(0, id, "before");
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await ForgeAsync(0, "snapshot", "delete", "--id", id, "--key", "k1", "--snapshot", "before");
        }

        Assert.That(Pve.SnapshotsOf(int.Parse(id)), Is.Empty);
        await ForgeAsync(3, "snapshot", "delete", "--id", id, "--key", "other", "--snapshot", "before");
        var (_, said) = await TryAsync(3, "snapshot", "restore", "--id", id, "--snapshot", "before");
        Assert.That(said, Does.Contain($"{id} has no snapshot before"));
    }

    [TestCase("create", "a")]
    [TestCase("create", "Upper")]
    [TestCase("create", "current")]
    [TestCase("create", "vzdump")]
    [TestCase("create", "../../200/config")]
    [TestCase("create", "a2345678901234567890123456789012345678901")]
    [TestCase("restore", "current")]
    [TestCase("restore", "../100")]
    [TestCase("delete", "a%2f..%2fb")]
    [TestCase("delete", "vzdump")]
    public async Task Snapshot_WithAHostileName_IsRefusedWithoutARequest(string command, string name)
    {
        var before = Pve.Requests.Count;
        var (_, said) = await TryAsync(2, "snapshot", command, "--id", "100", "--snapshot", name);
        Assert.That(said, Does.StartWith("--snapshot: "));
        Assert.That(Pve.Requests, Has.Count.EqualTo(before));
    }

    [Test]
    public async Task Create_BeyondTheMost_IsRefused()
    {
        var id = await MakeGuestAsync();
        var program = PveForge.Write(Folder.Path, Pve, ("FORGE_PVE_SNAPSHOTS", "1"));
        Task<ChildResult> TakeAsync(string name) =>
            ChildProcess.RunAsync(
                new ChildCommand(program, ["snapshot", "create", "--id", id, "--snapshot", name], TimeSpan.FromSeconds(30)),
                default
            );
        Assert.That((await TakeAsync("first")).ExitCode, Is.Zero);
        var refused = await TakeAsync("second");
        Assert.That((refused.ExitCode, refused.ErrorTail), Is.EqualTo((5, $"{id} has 1 snapshots, which is the most; delete one first")));
    }

    private Task<string> MakeGuestAsync() => MakeAsync("k1");

    private Task<JsonNode> SnapshotAsync(int exitCode, string id, string name, params string[] more) =>
        ForgeAsync(exitCode, ["snapshot", "create", "--id", id, "--snapshot", name, .. more]);

    private Task<JsonNode> RestoreAsync(int exitCode, string id, string name, string request) =>
        ForgeAsync(exitCode, "snapshot", "restore", "--id", id, "--key", "k1", "--snapshot", name, "--request", request);
}
