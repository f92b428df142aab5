using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Snapshots of containers over HTTP, with real local containers.</summary>
[Category("Slow")]
public sealed class SnapshotTests : InsideTestBase
{
    [Test]
    public async Task Container_WhenBroken_IsBackAfterARestore()
    {
        var (path, name) = await NewContainerAsync();
        await InsideAsync(name, "echo good > /data");
        await SnapshotAsync(path, """{"name":"before"}""");

        await InsideAsync(name, "echo bad > /data; rm -rf /bin /sbin /lib* /usr");
        var from = TimeProvider.System.GetTimestamp();
        await SucceedAsync(await Client.PostAsync($"{path}/snapshots/before/restore"));
        TestContext.Out.WriteLine($"from the request until the job ended: {TimeProvider.System.GetElapsedTime(from).TotalSeconds:F2} s");

        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("running"));
        Assert.That((await Lxc.InsideAsync(Server.DataDirectory, name, "cat /data")).Output, Is.EqualTo("good\n"));
        var events = (await Client.GetAsync($"{path}/events?limit=200")).Body!["items"]!.AsArray().Select(e => (string)e!["action"]!);
        Assert.That(events, Does.Contain("container.snapshot_requested").And.Contain("container.restore_requested"));
    }

    [Test]
    public async Task Rebuild_OfABrokenContainer_GivesANewRoot()
    {
        var (path, name) = await NewContainerAsync();
        var before = (await Client.GetAsync(path)).Body!;
        await InsideAsync(name, "echo bad > /data; rm -rf /bin /sbin /lib* /usr");
        await SucceedAsync(await Client.PostAsync($"{path}/rebuild"));
        var after = (await Client.GetAsync(path)).Body!;
        Assert.That((string)after["status"]!, Is.EqualTo("running"));
        Assert.That((string?)after["ip_address"], Is.EqualTo((string?)before["ip_address"]));
        Assert.That((await Lxc.InsideAsync(Server.DataDirectory, name, "ls /data /bin/busybox")).Output, Is.EqualTo("/bin/busybox\n"));
        Assert.That(after["actions"]!.AsArray().Select(a => (string)a!), Does.Contain("rebuild"));
    }

    [Test]
    public async Task Snapshots_AreListedAndDeleted()
    {
        var (path, _) = await NewContainerAsync();
        await SnapshotAsync(path, """{"name":"second","expires_at":"2099-01-02T03:04:05Z"}""");
        await SnapshotAsync(path, """{"name":"first"}""");
        var items = (await ListAsync(path)).AsArray();
        Assert.That(items.Select(s => (string)s!["name"]!), Is.EqualTo(new[] { "second", "first" }));
        Assert.That((string?)items[0]!["expires_at"], Does.StartWith("2099-01-02T03:04:05"));
        Assert.That((string?)items[1]!["expires_at"], Is.Null);
        Assert.That((long)items[1]!["bytes"]!, Is.GreaterThan(0));
        Assert.That((string)items[1]!["created_at"]!, Is.Not.Empty);

        await SucceedAsync(await Client.DeleteAsync($"{path}/snapshots/second"));
        await SucceedAsync(await Client.DeleteAsync($"{path}/snapshots/second"));
        Assert.That((await ListAsync(path)).AsArray().Select(s => (string)s!["name"]!), Is.EqualTo(new[] { "first" }));
    }

    [Test]
    public async Task Snapshot_ThatHasExpired_IsDeleted()
    {
        var (path, _) = await NewContainerAsync();
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(5).ToString("O", CultureInfo.InvariantCulture);
        await SnapshotAsync(path, $$"""{"name":"short","expires_at":"{{soon}}"}""");
        await SnapshotAsync(path, """{"name":"long","expires_at":"2099-01-01T00:00:00Z"}""");
        var names = await Eventually.GetAsync(
            async () => (await ListAsync(path)).AsArray().Select(s => (string)s!["name"]!).ToArray(),
            n => !n.Contains("short", StringComparer.Ordinal),
            "it is deleted",
            TimeSpan.FromMinutes(2)
        );
        Assert.That(names, Is.EqualTo(new[] { "long" }));
        var events = (await Client.GetAsync($"{path}/events?limit=200")).Body!["items"]!.AsArray();
        var deletion = events.Single(e => (string)e!["action"]! == "container.delete_snapshot_requested")!;
        Assert.That((string)deletion["after"]!["name"]!, Is.EqualTo("short"));
    }

    [Test]
    public async Task Snapshot_OnASchedule_IsMadeAndExpires()
    {
        var (path, _) = await NewContainerAsync();
        var patched = await Client.PatchAsync(path, """{"snapshot_schedule":{"cron":"0 3 * * *","keep_days":3}}""");
        Assert.That(
            patched.Body!["snapshot_schedule"]!.ToJsonString(),
            Is.EqualTo("""{"cron":"0 3 * * *","keep_days":3}"""),
            patched.ToString()
        );
        var row = $"where id = '{path[(path.LastIndexOf('/') + 1)..]}'";
        await Eventually.UntilAsync(
            async () => await Server.ScalarAsync<string>($"select spec->'snapshot_schedule'->>'last_at' from resources {row}") is not null,
            "the schedule is seen"
        );
        await Server.ExecuteAsync(
            $$"""update resources set spec = jsonb_set(spec, '{snapshot_schedule,last_at}', '"2020-01-01T00:00:00Z"') {{row}}"""
        );
        var made = await Eventually.GetAsync(
            async () => (await ListAsync(path)).AsArray().FirstOrDefault(),
            s => s is not null,
            "the snapshots since 2020 are made up for",
            TimeSpan.FromMinutes(1)
        );
        Assert.That((string)made!["name"]!, Does.Match(@"^scheduled-\d{8}-\d{6}$"));
        var kept = DateTimeOffset.Parse((string)made["expires_at"]!, null) - DateTimeOffset.Parse((string)made["created_at"]!, null);
        Assert.That(kept.TotalDays, Is.EqualTo(3).Within(0.01));
        Assert.That((await ListAsync(path)).AsArray(), Has.Count.EqualTo(1), "once");
        Assert.That((await Client.PatchAsync(path, """{"snapshot_schedule":null}""")).Body!["snapshot_schedule"], Is.Null);
    }

    [TestCase("""{"cron":"often","keep_days":3}""", "cron")]
    [TestCase("""{"cron":"* * * * * *","keep_days":3}""", "cron")]
    [TestCase("""{"cron":"0 3 * * *","keep_days":0}""", "keep_days")]
    [TestCase("""{"keep_days":1}""", "cron")]
    public async Task SnapshotSchedule_ThatIsImpossible_NamesTheField(string schedule, string field)
    {
        var refused = await Client.PatchAsync(Container, $$"""{"snapshot_schedule":{{schedule}}}""");
        Assert.That((int)refused.Status, Is.EqualTo(400), refused.ToString());
        Assert.That(((JsonObject)refused.Body!["errors"]!).Select(e => e.Key), Is.EqualTo(new[] { "snapshot_schedule." + field }));
    }

    [Test]
    public async Task Snapshot_WhoseNameIsTaken_FailsAndTheContainerStaysAsItIs()
    {
        var (path, _) = await NewContainerAsync();
        await SnapshotAsync(path, """{"name":"one"}""");
        var asked = await Client.PostAsync($"{path}/snapshots", """{"name":"one"}""");
        var job = await Client.WaitForJobAsync(asked.Location!);
        Assert.That(((string)job["status"]!, (string)job["error"]!["code"]!), Is.EqualTo(("failed", "conflict")), job.ToJsonString());
        Assert.That((string)job["error"]!["message"]!, Does.Contain("already has a snapshot one"));
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("running"));

        var missing = await Client.PostAsync($"{path}/snapshots/none/restore");
        var failed = await Client.WaitForJobAsync(missing.Location!);
        Assert.That((string)failed["error"]!["message"]!, Does.Contain("has no snapshot none"), failed.ToJsonString());
    }

    [TestCase("""{}""", "name")]
    [TestCase("""{"name":"../x"}""", "name")]
    [TestCase("""{"name":".x"}""", "name")]
    [TestCase("""{"name":"A"}""", "name")]
    [TestCase("""{"name":"x-"}""", "name")]
    [TestCase("""{"name":"x","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    public async Task Snapshot_OfAnInvalidRequest_Is400(string body, string field)
    {
        var refused = await Client.PostAsync($"{Container}/snapshots", body);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
        Assert.That(refused.ErrorFields, Is.EqualTo(new[] { field }));
    }

    [Test]
    public async Task Restore_WithAHostileName_Is400()
    {
        var refused = await Client.PostAsync($"{Container}/snapshots/..%2Fx/restore");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest), refused.ToString());
    }

    [Test]
    public async Task Snapshots_ForEachRole_FollowThePermissions()
    {
        await SnapshotAsync(Container, """{"name":"shared"}""");
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        using var one = viewer;
        using var two = developer;
        Assert.That((await viewer.GetAsync($"{Container}/snapshots")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await viewer.PostAsync($"{Container}/snapshots", """{"name":"x"}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await viewer.DeleteAsync($"{Container}/snapshots/shared")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var actions = (await developer.GetAsync(Container)).Body!["actions"]!.AsArray().Select(a => (string)a!);
        Assert.That(actions, Does.Contain("snapshot").And.Contain("restore").And.Contain("delete_snapshot"));
    }

    [Test]
    public async Task Job_WhoseForgeIsKilled_SucceedsWhenRetried()
    {
        var (path, name) = await NewContainerAsync();
        await InsideAsync(name, "echo good > /data; dd if=/dev/urandom of=/big bs=1M count=150 2>/dev/null; sync");
        var job = (await Client.PostAsync($"{path}/snapshots", """{"name":"big"}""")).Location!;
        await KillForgeAsync("big", "snapshot\0create");
        await Client.WaitForJobAsync(job);
        await Eventually.GetAsync(
            () => Lxc.StateAsync(Server.DataDirectory, name),
            state => state == "RUNNING",
            "the reconciler has thawed it"
        );
        await RetryAsync(job);
        Assert.That((await ListAsync(path)).AsArray(), Has.Count.EqualTo(1));

        await InsideAsync(name, "echo bad > /data");
        job = (await Client.PostAsync($"{path}/snapshots/big/restore")).Location!;
        await KillForgeAsync("big", "snapshot\0restore");
        await Client.WaitForJobAsync(job);
        var data = await Lxc.InsideAsync(Server.DataDirectory, name, "cat /data");
        Assert.That(data.Output, Is.EqualTo("good\n").Or.EqualTo("bad\n").Or.Empty, "or it is restarted just now");
        await RetryAsync(job);
        Assert.That((await Lxc.InsideAsync(Server.DataDirectory, name, "cat /data")).Output, Is.EqualTo("good\n"));
        Assert.That(Directory.GetDirectories(Path.Combine(Server.DataDirectory, "lxc", name, "snapshots")), Has.Length.EqualTo(1));
    }

    // It has succeeded if forge was faster than the signal.
    private async Task RetryAsync(string job)
    {
        var ended = await Client.WaitForJobAsync(job);
        if ((string)ended["status"]! != "succeeded")
        {
            Assert.That((int)(await Client.PostAsync($"{job}/retry")).Status, Is.EqualTo(202));
            ended = await Client.WaitForJobAsync(job);
        }

        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
    }

    private static async Task KillForgeAsync(string snapshot, string command)
    {
        System.Diagnostics.Process? Find() =>
            System
                .Diagnostics.Process.GetProcessesByName("forge")
                .FirstOrDefault(p =>
                    CommandLineOf($"/proc/{p.Id}") is var line
                    && line.Contains(command, StringComparison.Ordinal)
                    && line.Contains($"--snapshot\0{snapshot}\0", StringComparison.Ordinal)
                );
        await Eventually.UntilAsync(() => Find() is not null, "forge runs");
        Find()?.Kill();
    }

    private async Task InsideAsync(string name, string script) => await Lxc.InsideAsync(Server.DataDirectory, name, script);

    private async Task SnapshotAsync(string path, string body) => await SucceedAsync(await Client.PostAsync($"{path}/snapshots", body));

    private async Task SucceedAsync(Answer asked)
    {
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var job = await Client.WaitForJobAsync(asked.Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
    }

    private async Task<JsonNode> ListAsync(string path)
    {
        var answer = await Client.GetAsync($"{path}/snapshots");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
        return answer.Body!["items"]!;
    }
}
