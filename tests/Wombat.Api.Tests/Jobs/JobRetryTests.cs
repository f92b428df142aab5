using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>A retry needs the permissions of the job's work at that moment, and its requester becomes the actor.</summary>
public sealed class JobRetryTests
{
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["RECONCILER_INTERVAL_SECONDS"] = "3600" },
            cli: ScriptedCli.Fickle
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task RetryAndCancel_OfAProjectDelete_NeedThePermissionToDelete()
    {
        var project = await Admin.CreateProjectAsync();
        var (manager, _) = await Admin.CreateMemberAsync(project, "project_manager");
        var (developer, user) = await Admin.CreateMemberAsync(project, "developer");
        using var operate = Admin.With((await Admin.CreateTokenAsync(user, "operate")).Secret);
        var (container, made) = await Admin.CreateContainerAsync(project, "quick");
        await Admin.WaitForJobAsync(made);
        await File.WriteAllTextAsync(
            Path.Combine(server.DataDirectory, "made", $".{(await Admin.GetAsync(container)).Body!["external_id"]}.dead"),
            ""
        );
        var delete = (await manager.DeleteAsync($"/api/v1/projects/{project}?cascade=true")).Location!;
        Assert.That((string)(await Admin.WaitForJobAsync(delete))["status"]!, Is.EqualTo("failed"));
        foreach (var (client, action) in new[] { (operate, "retry"), (developer, "retry"), (operate, "cancel"), (developer, "cancel") })
        {
            var refused = await client.PostAsync($"{delete}/{action}");
            Assert.That(
                (refused.Status, refused.Text.Contains("project_delete", StringComparison.Ordinal)),
                Is.EqualTo((HttpStatusCode.Forbidden, true)),
                refused.ToString()
            );
        }

        Assert.That((await Admin.GetAsync(delete)).Body!["status"]!.ToString(), Is.EqualTo("failed"));
        Assert.That((await manager.PostAsync($"{delete}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task Retry_ByAnotherUser_MakesThemTheActor()
    {
        var project = await Admin.CreateProjectAsync();
        var (manager, managerId) = await Admin.CreateMemberAsync(project, "project_manager");
        var (developer, developerId) = await Admin.CreateMemberAsync(project, "developer");
        var (container, made) = await developer.CreateContainerAsync(project, "quick");
        await Admin.WaitForJobAsync(made);
        var name = (string)(await Admin.GetAsync(container)).Body!["external_id"]!;
        var marker = Path.Combine(server.DataDirectory, "made", $".{name}.dead");
        await File.WriteAllTextAsync(marker, "");
        var job = (await manager.DeleteAsync(container)).Location!;
        Assert.That((string)(await Admin.WaitForJobAsync(job))["status"]!, Is.EqualTo("failed"));
        File.Delete(marker);
        Assert.That((await developer.PostAsync($"{job}/retry")).Status, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((string)(await Admin.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        var login = await server.ScalarAsync<string>($"select login from users where id = '{developerId}'");
        Assert.That((string)(await Admin.GetAsync(job)).Body!["requested_by"]!, Is.EqualTo(login));
        var id = container[(container.LastIndexOf('/') + 1)..];
        Assert.That(
            await server.ScalarAsync<Guid>($"select actor_id from events where action = 'container.deleted' and target_id = '{id}'"),
            Is.EqualTo(Guid.Parse(developerId))
        );
        Assert.That(
            await server.ScalarAsync<string>(
                $"select string_agg(actor_id::text, ' ' order by id) from events where action = 'container.deleting' and target_id = '{id}'"
            ),
            Is.EqualTo($"{managerId} {developerId}")
        );
    }

    [Test]
    public async Task Retry_WhenProjectIsInactive_IsAConflict()
    {
        var project = await Admin.CreateProjectAsync();
        var (_, job) = await Admin.CreateContainerAsync(project, "full");
        Assert.That((string)(await Admin.WaitForJobAsync(job))["status"]!, Is.EqualTo("failed"));
        await Admin.PatchAsync($"/api/v1/projects/{project}", """{"active":false}""");
        Assert.That((await Admin.PostAsync($"{job}/retry")).Code, Is.EqualTo("project_inactive"));
    }

    [Test]
    public async Task JobEnd_ForEveryOutcome_IsAnEvent()
    {
        var project = await Admin.CreateProjectAsync();
        var (_, fine) = await Admin.CreateContainerAsync(project, "quick");
        var (_, full) = await Admin.CreateContainerAsync(project, "full");
        var (_, hangs) = await Admin.CreateContainerAsync(project, "hang");
        await Admin.WaitAsync(hangs, "status", TimeSpan.FromSeconds(20), "running");
        await Admin.PostAsync($"{hangs}/cancel");
        foreach (
            var (job, action, outcome) in new[]
            {
                (fine, "job.succeeded", "success"),
                (full, "job.failed", "failure"),
                (hangs, "job.cancelled", "success"),
            }
        )
        {
            await Admin.WaitForJobAsync(job);
            var written = await server.ScalarAsync<string>(
                "select concat_ws(' ', action, outcome, project_id, after->>'kind') from events "
                    + $"where target_id = '{job[(job.LastIndexOf('/') + 1)..]}' and action in ('job.succeeded', 'job.failed', "
                    + "'job.cancelled')"
            );
            Assert.That(written, Is.EqualTo($"{action} {outcome} {project} resource.provision"));
        }
    }

    [Test]
    public async Task Forget_WhenPluginStillHasTheContainer_IsAConflict()
    {
        var project = await Admin.CreateProjectAsync();
        var (container, made) = await Admin.CreateContainerAsync(project, "quick");
        await Admin.WaitForJobAsync(made);
        var (id, name) = (container[(container.LastIndexOf('/') + 1)..], (string)(await Admin.GetAsync(container)).Body!["name"]!);
        await server.ExecuteAsync($"update resources set status = 'error' where id = '{id}'");
        Assert.That((await Admin.GetAsync(container)).Body!["actions"]!.AsArray().Select(a => (string)a!), Does.Not.Contain("forget"));
        Assert.That((await Admin.PostAsync($"{container}/forget", $$"""{"name":"{{name}}"}""")).Code, Is.EqualTo("not_forgettable"));
        await server.ExecuteAsync($"update resources set delete_failed_at = now() where id = '{id}'");
        Assert.That((await Admin.PostAsync($"{container}/forget", $$"""{"name":"{{name}}"}""")).Code, Is.EqualTo("still_there"));
    }
}
