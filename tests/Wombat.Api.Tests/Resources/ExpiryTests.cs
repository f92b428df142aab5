using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Persistence;
using Wombat.Domain.Containers;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Resources;

/// <summary>Expiry and protection from deletion, on containers: they are the same for every resource kind.</summary>
public sealed class ExpiryTests
{
    private TestServer server = null!;
    private string project = "";

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync();
        project = await Client.CreateProjectAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Container_ThatIsProtected_IsNotDeletedUntilAManagerLiftsIt()
    {
        var path = await AddAsync("kept");
        var developer = (await Client.CreateMemberAsync(project, "developer")).Client;
        Assert.That((await developer.PatchAsync(path, """{"deletion_protection":true}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var expires = TimeProvider.System.GetUtcNow().AddDays(90);
        var patched = await developer.PatchAsync(path, $$"""{"expires_at":"{{expires:yyyy-MM-ddTHH:mm:ssZ}}"}""");
        Assert.That((string?)patched.Body!["expires_at"], Does.StartWith($"{expires:yyyy-MM-ddTHH:mm:ss}"), patched.ToString());
        Assert.That(
            (await developer.PatchAsync(path, """{"expires_at":"2001-01-01T00:00:00Z"}""")).ErrorFields,
            Is.EqualTo(new[] { "expires_at" })
        );
        Assert.That((await Client.PatchAsync(path, """{"deletion_protection":true}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await developer.DeleteAsync(path)).Code, Is.EqualTo("deletion_protected"));
        Assert.That((await developer.PatchAsync(path, """{"expires_at":null}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await Client.PatchAsync(path, """{"deletion_protection":false}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await developer.DeleteAsync(path)).Status, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task Expiry_InTheLastTenthOfTheLife_IsWarnedOfOnce()
    {
        var first = await AddAsync("first", expiresIn: TimeSpan.FromHours(1), age: TimeSpan.FromHours(20));
        var later = await AddAsync("later", expiresIn: TimeSpan.FromHours(10), age: TimeSpan.FromHours(20));
        await WarnedAsync(first);
        var notice = (await Client.GetAsync($"{first}/events")).Body!["items"]!.AsArray().Single(e => IsWarning(e!))!;
        Assert.That(notice["after"]!["expires_at"], Is.Not.Null, notice.ToJsonString());

        // A later pass warns of another one and not of the first again.
        var second = await AddAsync("second", expiresIn: TimeSpan.FromDays(2), age: TimeSpan.FromDays(60));
        await WarnedAsync(second);
        Assert.That((await Client.GetAsync($"{first}/events")).Body!["items"]!.AsArray().Count(e => IsWarning(e!)), Is.EqualTo(1));
        Assert.That((await Client.GetAsync($"{later}/events")).Body!["items"]!.AsArray().Any(e => IsWarning(e!)), Is.False);
    }

    [Test]
    public async Task Events_OfAContainer_AreItsOwn()
    {
        var path = await AddAsync("changed");
        await Client.PatchAsync(await AddAsync("other"), """{"deletion_protection":true}""");
        await Client.PatchAsync(path, """{"deletion_protection":true}""");
        var events = await Eventually.GetAsync(
            () => Client.GetAsync($"{path}/events"),
            a => a.Body?["items"]?.AsArray().Count > 0,
            "the event has a position"
        );
        var one = events.Body!["items"]!.AsArray().Single()!;
        Assert.That(
            ((string)one["action"]!, (string)one["target_id"]!),
            Is.EqualTo(("container.updated", path.Split('/')[^1])),
            events.ToString()
        );
        Assert.That(
            (await Client.GetAsync($"/api/v1/projects/{project}/containers/{Guid.NewGuid()}/events")).Code,
            Is.EqualTo("container_not_found")
        );
    }

    private static bool IsWarning(System.Text.Json.Nodes.JsonNode one) => (string)one["action"]! == "container.expiring";

    private Task<Answer> WarnedAsync(string path) =>
        Eventually.GetAsync(
            () => Client.GetAsync($"{path}/events"),
            a => a.Body?["items"]?.AsArray().Any(e => IsWarning(e!)) ?? false,
            "the warning is an event",
            TimeSpan.FromSeconds(60)
        );

    private async Task<string> AddAsync(string name, TimeSpan? expiresIn = null, TimeSpan age = default)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IWombatDbContext>();
        var now = TimeProvider.System.GetUtcNow();
        var owner = await db.Projects.SingleAsync(p => p.Id == Guid.Parse(project));
        var container = Container.Create(owner, "proxmox", name, new ContainerSpec("busybox"), null, now - age);
        container.ExpireAt(now + expiresIn);
        db.Resources.Add(container);
        await db.SaveChangesAsync();
        return $"/api/v1/projects/{project}/containers/{container.Id}";
    }
}
