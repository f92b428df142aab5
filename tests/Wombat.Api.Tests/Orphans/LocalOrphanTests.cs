using System.Net;
using Wombat.Api.Tests.Containers;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Orphans;

/// <summary>Orphans that are real containers of this machine.</summary>
[Category("Slow")]
public sealed class LocalOrphanTests : InsideTestBase
{
    [Test]
    public async Task Container_WhenItsRowIsLost_IsAdoptedWithItsSize()
    {
        var (path, job) = await Client.CreateContainerAsync(Project, more: ""","name":"lost","memory":64,"cpu":1""");
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        var name = (string)(await Client.GetAsync(path)).Body!["external_id"]!;
        await Server.ExecuteAsync($"delete from resources where external_id = '{name}'");
        var orphan = (
            await Eventually.GetAsync(
                async () => (await Client.GetAsync("/api/v1/orphans")).Body!["items"]!.AsArray().SingleOrDefault(),
                o => o is not null,
                "the container is an orphan",
                TimeSpan.FromMinutes(1)
            )
        )!;
        Assert.That(
            ((string)orphan["name"]!, (string)orphan["template"]!, (int?)orphan["memory"], (int?)orphan["cpu"], (int?)orphan["disk"]),
            Is.EqualTo((name, "busybox", (int?)64, (int?)1, (int?)null))
        );

        var adopted = await Client.PostAsync($"/api/v1/orphans/{orphan["id"]}/adopt", $$"""{"project_id":"{{Project}}"}""");
        Assert.That((adopted.Status, (string?)adopted.Body!["name"]), Is.EqualTo((HttpStatusCode.OK, "lost")), adopted.ToString());
        var stopped = await Client.WaitForJobAsync((await Client.PostAsync($"{path}/stop")).Location!);
        Assert.That((string)stopped["status"]!, Is.EqualTo("succeeded"), stopped.ToJsonString());
        Assert.That(await Lxc.StateAsync(Server.DataDirectory, name), Is.EqualTo("STOPPED"));
        Assert.That((string)(await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(await Lxc.StateAsync(Server.DataDirectory, name), Is.Null);
        Assert.That(await Lxc.StateAsync(Server.DataDirectory, Name), Is.EqualTo("RUNNING"), "the other container is left alone");
    }
}
