using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>The platform always has an active admin, and each project an active manager.</summary>
public sealed class LastAdminTests
{
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("""{"active":false}""")]
    [TestCase("""{"platform_role":"none"}""")]
    public async Task Update_WhenTwoAdminsDemoteEachOther_LeavesOneAdmin(string change)
    {
        for (var round = 0; round < 5; round++)
        {
            await server.ExecuteAsync("update users set platform_role = 'none' where platform_role = 'admin'");
            var (ann, annId) = await AdminAsync();
            var (bob, bobId) = await AdminAsync();
            var answers = await Task.WhenAll(
                ann.PatchAsync($"/api/v1/users/{bobId}", change),
                bob.PatchAsync($"/api/v1/users/{annId}", change)
            );
            Assert.That(
                answers.Count(a => a.Status == HttpStatusCode.OK),
                Is.EqualTo(1),
                string.Join(" | ", answers.Select(a => a.ToString()))
            );
            Assert.That(
                await server.ScalarAsync<long>("select count(*) from users where active and platform_role = 'admin'"),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task LastActiveManager_WhenRemovedOrDeactivated_IsAConflict()
    {
        var (ann, annId) = await Admin.CreateMemberAsync();
        var project = await ann.CreateProjectAsync();
        var (_, bobId) = await Admin.CreateMemberAsync(project, "project_manager");
        var members = $"/api/v1/projects/{project}/members";
        Assert.That((await Admin.PatchAsync($"/api/v1/users/{bobId}", """{"active":false}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ann.DeleteAsync($"{members}/{annId}")).Code, Is.EqualTo("last_manager"), "an inactive manager does not count");
        Assert.That((await ann.PutAsync($"{members}/{annId}", """{"role":"viewer"}""")).Code, Is.EqualTo("last_manager"));
        var kept = await Admin.PatchAsync($"/api/v1/users/{annId}", """{"active":false}""");
        Assert.That((kept.Status, kept.Code), Is.EqualTo((HttpStatusCode.Conflict, "last_manager")), kept.ToString());
        Assert.That(
            (string)kept.Body!["detail"]!,
            Does.Contain((string)(await ann.GetAsync($"/api/v1/projects/{project}")).Body!["unix_name"]!)
        );
    }

    [Test]
    public async Task RemoveMember_WhenOtherManagerIsDeactivatedConcurrently_LeavesOneActive()
    {
        for (var round = 0; round < 5; round++)
        {
            var project = await Admin.CreateProjectAsync();
            var (ann, annId) = await Admin.CreateMemberAsync(project, "project_manager");
            var (_, bobId) = await Admin.CreateMemberAsync(project, "project_manager");
            var answers = await Task.WhenAll(
                ann.DeleteAsync($"/api/v1/projects/{project}/members/{annId}"),
                Admin.PatchAsync($"/api/v1/users/{bobId}", """{"active":false}""")
            );
            Assert.That(answers.Count(a => a.Code == "last_manager"), Is.EqualTo(1), string.Join(" | ", answers.Select(a => a.ToString())));
            Assert.That(
                await server.ScalarAsync<long>(
                    $"select count(*) from members m join users u on u.id = m.user_id where m.project_id = '{project}' and u.active"
                ),
                Is.EqualTo(1)
            );
        }
    }

    private async Task<(WombatClient Client, string Id)> AdminAsync()
    {
        var user = await Admin.CreateUserAsync(more: ""","platform_role":"admin" """);
        return (Admin.With((await Admin.CreateTokenAsync(user)).Secret), user);
    }
}
