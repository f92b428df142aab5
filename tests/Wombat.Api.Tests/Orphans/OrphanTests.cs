using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Orphans;

/// <summary>Containers without a row, as after the restore of an older database.</summary>
public sealed class OrphanTests : OrphanTestBase
{
    private TestServer server = null!;
    private string project = "";
    private string unixName = "";

    private WombatClient Client => server.Client;

    private string Data => server.DataDirectory;

    [SetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync(Settings, cli: ScriptedCli.Marked);
        Directory.CreateDirectory(Path.Combine(Data, "made"));
        project = await Client.CreateProjectAsync();
        unixName = (string)(await Client.GetAsync($"/api/v1/projects/{project}")).Body!["unix_name"]!;
    }

    [TearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Container_WhenItsRowIsLost_IsAdoptedAndOperated()
    {
        var (path, id, name) = await MakeAsync(""","name":"web","memory":64""");
        await server.ExecuteAsync($"delete from resources where id = '{id}'");
        var orphan = await OrphanAsync(Client, name);
        Assert.That(
            (
                (string)orphan["plugin"]!,
                (string)orphan["status"]!,
                (string)orphan["template"]!,
                (int)orphan["memory"]!,
                (string?)orphan["cpu"],
                (string)orphan["network"]!,
                (string)orphan["resource_id"]!,
                (string)orphan["external_key"]!
            ),
            Is.EqualTo(("proxmox", "running", "quick", 64, (string?)null, unixName, id, $"wombat-{Guid.Parse(id):N}"))
        );
        Assert.That((await Client.GetAsync("/metrics")).Text, Does.Contain("wombat_orphans{plugin=\"proxmox\"} 1"));
        Assert.That((await Client.GetAsync("/api/v1/orphans?plugin=other")).Body!["items"]!.AsArray(), Is.Empty);

        var adopted = await AdoptAsync(Client, orphan, project);
        Assert.That(adopted.Status, Is.EqualTo(HttpStatusCode.OK), adopted.ToString());
        Assert.That(
            ((string)adopted.Body!["id"]!, (string)adopted.Body["name"]!, (string)adopted.Body["status"]!, (int)adopted.Body["memory"]!),
            Is.EqualTo((id, "web", "running", 64))
        );
        foreach (var (operation, status) in new[] { ("stop", "stopped"), ("start", "running") })
        {
            var job = await Client.WaitForJobAsync((await Client.PostAsync($"{path}/{operation}")).Location!);
            Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
            Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo(status));
        }

        var events = (await Client.GetAsync($"{path}/events")).Body!["items"]!.AsArray();
        var adoption = events.Single(e => (string)e!["action"]! == "orphan.adopted")!;
        Assert.That((string)adoption["after"]!["name"]!, Is.EqualTo(name));
        await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
        Assert.That(Exists(Data, name), Is.False);
        Assert.That(await OrphansAsync(Client), Is.Empty);
    }

    [Test]
    public async Task Container_WhileItsCreateIsUnderWay_IsNoOrphan()
    {
        await File.WriteAllTextAsync(Slow, "");
        var (_, job) = await Client.CreateContainerAsync(project, "quick");
        await Eventually.UntilAsync(() => Made().Length == 1, "the container exists, and its create goes on");

        // Once the other one was in two listings, so was the first one.
        var other = Plant(Data);
        await OrphanAsync(Client, other);
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EqualTo(new[] { other }));
        Assert.That((string)(await Client.GetAsync(job)).Body!["status"]!, Is.EqualTo("running"));
        File.Delete(Slow);
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Remove_WithTheNameOfTheOrphan_DeletesTheContainer()
    {
        var name = Plant(Data);
        var orphan = await OrphanAsync(Client, name);
        var wrong = await RemoveAsync(Client, orphan, "another");
        Assert.That((wrong.Status, wrong.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "name" })));

        var asked = await RemoveAsync(Client, orphan);
        Assert.That(asked.Status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        var job = await Client.WaitForJobAsync(asked.Location!);
        Assert.That((string)job["status"]!, Is.EqualTo("succeeded"), job.ToJsonString());
        Assert.That(Exists(Data, name), Is.False);
        Assert.That((await RemoveAsync(Client, orphan)).Code, Is.EqualTo("orphan_not_found"));
        Assert.That((await AdoptAsync(Client, orphan, project)).Code, Is.EqualTo("orphan_not_found"));
        foreach (var action in new[] { "orphan.remove_requested", "orphan.removed" })
        {
            var events = (await Client.GetAsync($"/api/v1/events?action={action}")).Body!["items"]!.AsArray();
            Assert.That((string)events.Single()!["target_id"]!, Is.EqualTo((string)orphan["id"]!), action);
        }
    }

    [Test]
    public async Task Remove_WhenTheIdHasAnotherKey_DeletesNothing()
    {
        var name = Plant(Data);
        var orphan = await OrphanAsync(Client, name);

        // No later listing tells that the id was used again.
        await File.WriteAllTextAsync(Away, "");
        await FailedListingsAsync(1);
        Change(Data, name, $"wombat-{Guid.NewGuid():N}");
        await Client.WaitForJobAsync((await RemoveAsync(Client, orphan)).Location!);
        Assert.That(Exists(Data, name), Is.True);
        File.Delete(Away);
        Assert.That((string)(await OrphanAsync(Client, name))["id"]!, Is.Not.EqualTo((string)orphan["id"]!));
    }

    [Test]
    public async Task Orphan_WhileListingsFail_Stays()
    {
        var (kept, gone) = (Plant(Data), Plant(Data));
        await OrphanAsync(Client, kept);
        await OrphanAsync(Client, gone);
        await File.WriteAllTextAsync(Away, "");
        File.Delete(Path.Combine(Data, "made", gone));
        await FailedListingsAsync(3);
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EquivalentTo(new[] { kept, gone }));
        File.Delete(Away);
        await NoOrphanAsync(Client, gone);
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EqualTo(new[] { kept }));
    }

    [Test]
    public async Task Container_WithAForeignKey_IsNoOrphan()
    {
        Plant(Data, key: "other-0123456789abcdef0123456789abcdef");
        Plant(Data, key: "wombat-of-somebody-else");
        var own = Plant(Data);
        await OrphanAsync(Client, own);
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EqualTo(new[] { own }));
    }

    [Test]
    public async Task Adopt_OfADeletedContainer_NeedsItsProject()
    {
        var (path, id, name) = await MakeAsync(""","name":"kept" """);
        await server.ExecuteAsync($"update resources set status = 'deleted', version = version + 1 where id = '{id}'");
        var orphan = await OrphanAsync(Client, name);
        Assert.That((string)orphan["project_id"]!, Is.EqualTo(project));
        var other = await AdoptAsync(Client, orphan, await Client.CreateProjectAsync());
        Assert.That((other.Status, other.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "project_id" })));
        var adopted = await AdoptAsync(Client, orphan, project, ""","name":"renamed" """);
        Assert.That((string)adopted.Body!["name"]!, Is.EqualTo("renamed"), adopted.ToString());
        Assert.That((string)(await Client.GetAsync(path)).Body!["status"]!, Is.EqualTo("running"));
    }

    [Test]
    public async Task Adopt_BeyondTheBudget_IsRefused()
    {
        await Client.PutAsync($"/api/v1/projects/{project}/budget", """{"containers":1}""");
        var (first, second) = (Plant(Data), Plant(Data));
        Assert.That((await AdoptAsync(Client, await OrphanAsync(Client, first), project)).Status, Is.EqualTo(HttpStatusCode.OK));
        var refused = await AdoptAsync(Client, await OrphanAsync(Client, second), project);
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "budget_exceeded")));
        Assert.That((await OrphansAsync(Client)).Select(o => (string)o!["name"]!), Is.EqualTo(new[] { second }));
    }

    [Test]
    public async Task Adopt_InAProjectOfAnotherNetwork_IsRefused()
    {
        var orphan = await OrphanAsync(Client, Plant(Data, network: "another-project"));
        var refused = await AdoptAsync(Client, orphan, project);
        Assert.That((refused.Status, refused.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "project_id" })));
        var allowed = await AdoptAsync(Client, orphan, await Client.CreateProjectAsync("another-project"));
        Assert.That(allowed.Status, Is.EqualTo(HttpStatusCode.OK), allowed.ToString());
    }

    [Test]
    public async Task AdoptAndRemove_AtOnce_HaveOneWinner()
    {
        var names = Enumerable.Range(0, 8).Select(_ => Plant(Data)).ToList();
        foreach (var name in names)
        {
            var orphan = await OrphanAsync(Client, name);
            var answers = await Task.WhenAll(
                AdoptAsync(Client, orphan, project),
                RemoveAsync(Client, orphan),
                AdoptAsync(Client, orphan, project),
                RemoveAsync(Client, orphan)
            );
            var winner = answers.Single(a => (int)a.Status < 300);
            Assert.That(
                answers.Except([winner]).Select(a => a.Code),
                Is.All.EqualTo("orphan_not_found").Or.EqualTo("already_deleting"),
                string.Join('\n', answers.Select(a => a.ToString()))
            );
            if (winner.Status == HttpStatusCode.Accepted)
            {
                Assert.That((string)(await Client.WaitForJobAsync(winner.Location!))["status"]!, Is.EqualTo("succeeded"));
            }

            Assert.That(Exists(Data, name), Is.EqualTo(winner.Status == HttpStatusCode.OK));
        }

        Assert.That(
            await server.ScalarAsync<long>("select count(*) from resources where status = 'running'"),
            Is.EqualTo(names.Count(n => Exists(Data, n)))
        );
    }

    [Test]
    public async Task Remove_WhenTheDeleteFails_LeavesTheOrphan()
    {
        var (name, other) = (Plant(Data), Plant(Data));
        await File.WriteAllTextAsync(Stuck, "");
        var job = await FailedRemovalAsync(name);
        var orphan = await OrphanAsync(Client, name);
        Assert.That(job, Does.EndWith((string)orphan["removal_job_id"]!));
        var otherJob = await FailedRemovalAsync(other);
        File.Delete(Stuck);

        Assert.That((await Client.PostAsync($"{job}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(Exists(Data, name), Is.False);

        var adopted = await AdoptAsync(Client, await OrphanAsync(Client, other), project);
        Assert.That(adopted.Status, Is.EqualTo(HttpStatusCode.OK), adopted.ToString());
        Assert.That((await Client.PostAsync($"{otherJob}/retry")).Code, Is.EqualTo("resource_gone"));
        Assert.That(Exists(Data, other), Is.True);
    }

    [Test]
    public async Task Orphans_ForAManagerOfAProject_AreForbidden()
    {
        var orphan = await OrphanAsync(Client, Plant(Data));
        var (manager, _) = await Client.CreateMemberAsync(project, "project_manager");
        using var _ = manager;
        Assert.That((await manager.GetAsync("/api/v1/orphans")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await AdoptAsync(manager, orphan, project)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await RemoveAsync(manager, orphan)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    private string Slow => Path.Combine(Data, "made", ".slow");

    private string Stuck => Path.Combine(Data, "made", ".stuck");

    private string Away => Path.Combine(Data, "made", ".away");

    private string[] Made() =>
        [.. Directory.GetFiles(Path.Combine(Data, "made"), "*").Select(f => Path.GetFileName(f)).Where(f => f[0] != '.')];

    private Task FailedListingsAsync(int count)
    {
        var tries = Path.Combine(Data, "made", ".tries");
        return Eventually.UntilAsync(
            () => File.Exists(tries) && File.ReadAllLines(tries).Length >= count,
            $"{count} listings have failed",
            Timeout
        );
    }

    private async Task<string> FailedRemovalAsync(string name)
    {
        var job = (await RemoveAsync(Client, await OrphanAsync(Client, name))).Location!;
        var ended = await Client.WaitForJobAsync(job);
        Assert.That((string)ended["status"]!, Is.EqualTo("failed"), ended.ToJsonString());
        return job;
    }

    private async Task<(string Path, string Id, string Name)> MakeAsync(string more)
    {
        var (path, job) = await Client.CreateContainerAsync(project, "quick", more);
        var made = await Client.WaitForJobAsync(job);
        Assert.That((string)made["status"]!, Is.EqualTo("succeeded"), made.ToJsonString());
        return (path, path[(path.LastIndexOf('/') + 1)..], (string)(await Client.GetAsync(path)).Body!["external_id"]!);
    }
}
