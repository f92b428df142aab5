using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Projects;

/// <summary>Names beside ids in lists, and the projects of the caller.</summary>
public sealed class ProjectNameTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync(cli: """echo '{"id":"1","status":"running"}'""");

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Jobs_OfAContainer_TellTheNamesOfItAndItsProject()
    {
        var project = await Client.CreateProjectAsync();
        var name = (string)(await Client.GetAsync($"/api/v1/projects/{project}")).Body!["name"]!;
        var (container, job) = await Client.CreateContainerAsync(project, "debian");
        var shown = (await Client.GetAsync(container)).Body!;
        await Client.WaitForJobAsync(job);
        foreach (
            var found in new[]
            {
                (await Client.GetAsync(job)).Body!,
                (await Client.GetAsync($"/api/v1/jobs?project_id={project}")).Body!["items"]![0]!,
            }
        )
        {
            Assert.That(((string?)found["project_name"], (string?)found["resource_name"]), Is.EqualTo((name, (string?)shown["name"])));
        }

        Assert.That((string?)First(await Client.GetAsync("/api/v1/containers"))["project_name"], Is.EqualTo(name));
        Assert.That(First(await Client.GetAsync($"/api/v1/projects/{project}/containers"))["project_name"], Is.Null);
    }

    [Test]
    public async Task Projects_OfTheCaller_AreThoseWithAMembership()
    {
        var (own, other) = (await Client.CreateProjectAsync(), await Client.CreateProjectAsync());
        var (member, _) = await Client.CreateMemberAsync(own, "viewer");
        await Client.PatchAsync($"/api/v1/projects/{other}", """{"visibility":"internal"}""");
        Assert.That(Ids(await member.GetAsync("/api/v1/projects")), Is.SupersetOf(new[] { own, other }));
        Assert.That(Ids(await member.GetAsync("/api/v1/projects?member=me")), Is.EqualTo(new[] { own }));
        Assert.That((await member.GetAsync("/api/v1/projects?member=ada")).ErrorFields, Is.EqualTo(new[] { "member" }));
    }

    private static JsonNode First(Answer page) => page.Body!["items"]![0]!;

    private static IEnumerable<string> Ids(Answer page) => page.Body!["items"]!.AsArray().Select(p => (string)p!["id"]!);
}
