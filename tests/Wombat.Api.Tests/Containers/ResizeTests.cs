using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Resizes of containers by the API.</summary>
[Category("Slow")]
public sealed class ResizeTests : InsideTestBase
{
    protected override IReadOnlyDictionary<string, string> MoreSettings =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["QUOTAS_CONTAINER_CPU"] = "8",
            ["CONTAINER_SIZES"] = "little=1/96,more=2/160,vast=64/512",
        };

    [Test]
    public async Task Resize_OfARunningContainer_IsVisibleInsideAndInTheAnswer()
    {
        var asked = await Client.PostAsync($"{Container}/resize", """{"memory":192,"cpu":1}""");
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        Assert.That((string)(await Client.WaitForJobAsync(asked.Location!))["status"]!, Is.EqualTo("succeeded"));
        var after = (await Client.GetAsync(Container)).Body!;
        Assert.That(((int?)after["memory"], (int?)after["cpu"], (string)after["status"]!), Is.EqualTo((192, 1, "running")));
        Assert.That(await MemoryLimitAsync(), Is.EqualTo(192L << 20));
        Assert.That(after["actions"]!.AsArray().Select(a => (string)a!), Does.Contain("resize"));
        var events = (await Client.GetAsync($"{Container}/events?limit=100")).Body!["items"]!.AsArray();
        var requested = events.Last(e => (string)e!["action"]! == "container.resize_requested")!;
        Assert.That((int?)requested["after"]!["memory"], Is.EqualTo(192), requested.ToJsonString());
    }

    [Test]
    public async Task Size_ByName_IsListedPlannedCreatedAndResized()
    {
        var listed = (await Client.GetAsync("/api/v1/sizes")).Body!["items"]!.AsArray();
        Assert.That(listed.Select(s => (string)s!["name"]!), Is.EqualTo(new[] { "little", "more", "vast" }));
        var unknown = await Client.PostAsync($"/api/v1/projects/{Project}/containers/plan", """{"template":"busybox","size":"tiny"}""");
        Assert.That((int)unknown.Status, Is.EqualTo(400), unknown.ToString());
        Assert.That((string)unknown.Body!["errors"]!["size"]![0]!, Is.EqualTo("must be one of little, more, vast"));
        var vast = (
            await Client.PostAsync($"/api/v1/projects/{Project}/containers/plan", """{"template":"busybox","size":"vast"}""")
        ).Body!;
        Assert.That((bool)vast["possible"]!, Is.False, vast.ToJsonString());

        var created = await Client.PostAsync($"/api/v1/projects/{Project}/containers", """{"template":"busybox","size":"little"}""");
        Assert.That(SizeOf(created.Body!), Is.EqualTo(("little", 1, 96)));
        await Client.WaitForJobAsync(created.Location!);
        var path = $"/api/v1/projects/{Project}/containers/{(string)created.Body!["id"]!}";
        var resize = await Client.PostAsync($"{path}/resize", """{"size":"more"}""");
        Assert.That((string)(await Client.WaitForJobAsync(resize.Location!))["status"]!, Is.EqualTo("succeeded"));
        var resized = (await Client.GetAsync(path)).Body!;
        Assert.That(SizeOf(resized), Is.EqualTo(("more", 2, 160)));
        Assert.That(await MemoryLimitAsync((string)resized["external_id"]!), Is.EqualTo(160L << 20));
        resize = await Client.PostAsync($"{path}/resize", """{"size":"little","memory":128}""");
        Assert.That((string)(await Client.WaitForJobAsync(resize.Location!))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(SizeOf((await Client.GetAsync(path)).Body!), Is.EqualTo(((string?)null, 1, 128)));
    }

    private static (string? Name, int? Cpu, int? Memory) SizeOf(JsonNode container) =>
        ((string?)container["size"], (int?)container["cpu"], (int?)container["memory"]);

    [Test]
    public async Task Resize_ThatThePluginRefuses_KeepsTheSizes()
    {
        var before = (await Client.GetAsync(Container)).Body!;
        var job = (await Client.PostAsync($"{Container}/resize", """{"disk":4}""")).Location!;
        var failed = await Client.WaitForJobAsync(job);
        Assert.That((string)failed["status"]!, Is.EqualTo("failed"));
        Assert.That((string)failed["error"]!["message"]!, Does.Contain("created with a disk size"));
        var after = (await Client.GetAsync(Container)).Body!;
        Assert.That((int?)after["disk"], Is.Null);
        Assert.That((string)after["status"]!, Is.EqualTo((string)before["status"]!), "a refused resize does not break the container");
    }

    [TestCase("""{}""", "cpu", TestName = "Resize_WithoutASize_IsRefused")]
    [TestCase("""{"cpu":0}""", "cpu", TestName = "Resize_WithoutCores_IsRefused")]
    [TestCase("""{"memory":1}""", "memory", TestName = "Resize_WithTooLittleMemory_IsRefused")]
    [TestCase("""{"disk":99999}""", "disk", TestName = "Resize_WithTooLargeADisk_IsRefused")]
    public async Task Resize_OfAnImpossibleSize_NamesTheField(string body, string field)
    {
        var refused = await Client.PostAsync($"{Container}/resize", body);
        Assert.That((int)refused.Status, Is.EqualTo(400), refused.ToString());
        Assert.That(((JsonObject)refused.Body!["errors"]!).Select(e => e.Key), Does.Contain(field));
    }

    [Test]
    public async Task Resize_BeyondTheQuota_IsRefused()
    {
        var refused = await Client.PostAsync($"{Container}/resize", """{"cpu":9}""");
        Assert.That((int)refused.Status, Is.EqualTo(422), refused.ToString());
        Assert.That((string)refused.Body!["code"]!, Is.EqualTo("budget_exceeded"));
    }

    [Test]
    public async Task Resize_NeedsThePermissionToCreate()
    {
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        Assert.That((await viewer.PostAsync($"{Container}/resize", """{"cpu":1}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var (stranger, _) = await Client.CreateMemberAsync();
        Assert.That((await stranger.PostAsync($"{Container}/resize", """{"cpu":1}""")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private Task<long> MemoryLimitAsync(string? name = null) =>
        Lxc.ReadCgroupAsync(Server.DataDirectory, name ?? Name, "memory.limit_in_bytes", "memory.max");
}
