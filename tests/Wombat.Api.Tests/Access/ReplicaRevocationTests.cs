using System.Diagnostics.CodeAnalysis;
using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>Two processes with one PostgreSQL: a permission revoked on one is revoked on the other within a second.</summary>
[Category("Slow")]
[NonParallelizable]
public sealed class ReplicaRevocationTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private TestFolder folder = null!;
    private WombatProcess first = null!;
    private WombatProcess second = null!;
    private WombatClient admin = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync(),
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        var data = Path.Combine(folder.Path, "one");
        first = WombatProcess.Start(data, environment);
        admin = await first.ReadyAsync(data);
        second = WombatProcess.Start(Path.Combine(folder.Path, "two"), environment);
        using var ready = await second.ReadyAsync(data);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        admin.Dispose();
        await first.DisposeAsync();
        await second.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task RemoveMember_OnOneReplica_StopsTheNextRequestOnBoth()
    {
        var project = await admin.CreateProjectAsync();
        await admin.CreateMemberAsync(project, "project_manager");
        var (here, user) = await admin.CreateMemberAsync(project, "developer");
        await EndsAsync(
            here,
            $"/api/v1/projects/{project}",
            () => admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}"),
            HttpStatusCode.NotFound
        );
    }

    [Test]
    public async Task RevokeToken_OnOneReplica_StopsTheNextRequestOnBoth()
    {
        var user = await admin.CreateUserAsync();
        var (secret, id) = await admin.CreateTokenAsync(user);
        await EndsAsync(
            admin.With(secret),
            "/api/v1/users",
            () => admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}"),
            HttpStatusCode.Unauthorized
        );
    }

    [Test]
    public async Task DeactivateUser_OnOneReplica_StopsTheNextRequestOnBoth()
    {
        var (here, user) = await admin.CreateMemberAsync();
        await EndsAsync(
            here,
            "/api/v1/users",
            () => admin.PatchAsync($"/api/v1/users/{user}", """{"active":false}"""),
            HttpStatusCode.Unauthorized
        );
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Disposed below.")]
    private async Task EndsAsync(WombatClient here, string path, Func<Task<Answer>> takeAway, HttpStatusCode expected)
    {
        using var one = here;
        using var other = new WombatClient(second.Port, here.Http.DefaultRequestHeaders.Authorization!.Parameter!);

        // Now both have the caller in their cache.
        for (var i = 0; i < 10; i++)
        {
            Assert.That((await one.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await other.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.OK));
        }

        var taken = await takeAway();
        Assert.That((int)taken.Status, Is.LessThan(300), taken.ToString());
        var from = TimeProvider.System.GetTimestamp();
        Assert.That((await one.GetAsync(path)).Status, Is.EqualTo(expected), "the replica that revoked it refuses at once");
        while ((await other.GetAsync(path)).Status != expected)
        {
            Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(Bound), "the other replica refuses");
        }
    }
}
