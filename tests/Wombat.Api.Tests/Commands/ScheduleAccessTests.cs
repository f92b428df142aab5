using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>A schedule acts for who saved it last, with the access that this one has when it fires.</summary>
public sealed class ScheduleAccessTests : ScheduleTestBase
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Run_OfASchedule_IsRequestedByWhoSavedIt()
    {
        var (manager, user) = await Client.CreateMemberAsync(Project, "project_manager");
        var schedule = await ScheduleAsync(await CreateMakeAsync("show"), "* * * * *", by: manager);
        await FireAsync(await NextAsync(schedule));
        var run = (await Client.GetAsync($"/api/v1/runs/{(await ReadAsync(schedule))["last_run_id"]}")).Body!;
        Assert.That((string)run["requested_by"]!, Is.EqualTo((string)(await Client.GetAsync($"/api/v1/users/{user}")).Body!["login"]!));
        Assert.That((string)run["schedule_id"]!, Is.EqualTo(IdOf(schedule)));
        var events = await Eventually.GetAsync(
            () => Client.GetAsync($"/api/v1/events?target_id={run["id"]}&action=run.requested"),
            a => a.Body!["items"]!.AsArray().Count > 0,
            "the event gets its position"
        );
        var requested = events.Body!["items"]![0]!;
        Assert.That(((string)requested["actor_id"]!, (string)requested["through"]!), Is.EqualTo((user, "schedule")));
    }

    [TestCase("demoted")]
    [TestCase("removed")]
    [TestCase("deactivated")]
    [TestCase("token revoked")]
    public async Task Fire_OfSomebodyWithoutAccess_RequestsNothingUntilAnotherOneSavesTheSchedule(string how)
    {
        var user = (await Client.CreateMemberAsync(Project, "project_manager")).User;
        var (secret, token) = await Client.CreateTokenAsync(user);
        using var manager = Client.With(secret);
        var command = await CreateMakeAsync("show");
        var body = Body(command, "* * * * *");
        var schedule = (await manager.PostAsync("/api/v1/schedules", body)).Location!;
        var due = await NextAsync(schedule);
        await FireAsync(due);
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(1));
        var lost = how switch
        {
            "demoted" => await Client.PutAsync($"/api/v1/projects/{Project}/members/{user}", """{"role":"viewer"}"""),
            "removed" => await Client.DeleteAsync($"/api/v1/projects/{Project}/members/{user}"),
            "deactivated" => await Client.PatchAsync($"/api/v1/users/{user}", """{"active":false}"""),
            _ => await Client.DeleteAsync($"/api/v1/users/{user}/tokens/{token}"),
        };
        Assert.That((int)lost.Status, Is.InRange(200, 204), lost.ToString());
        await FireAsync(due + Minute);
        await FireAsync(due + (2 * Minute));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, "schedule_access_lost")));
        Assert.That(await EventsAsync(schedule, 2), Is.EqualTo(new[] { "schedule.created", "schedule.refused" }));
        Assert.That((await Client.PutAsync(schedule, ChangeOf(body))).Status, Is.EqualTo(HttpStatusCode.OK));
        await FireAsync(due + (3 * Minute));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((2, (string?)null)));
    }

    [Test]
    public async Task Fire_OfADeveloperWhenTheCommandAsksForAManager_IsRefused()
    {
        var command = await CreateMakeAsync("show");
        var (manager, user) = await Client.CreateMemberAsync(Project, "project_manager");
        var schedule = await ScheduleAsync(command, "* * * * *", by: manager);
        var due = await NextAsync(schedule);

        // The last manager could not be demoted.
        await Client.CreateMemberAsync(Project, "project_manager");
        var demoted = await Client.PutAsync($"/api/v1/projects/{Project}/members/{user}", """{"role":"developer"}""");
        Assert.That(demoted.Status, Is.EqualTo(HttpStatusCode.OK), demoted.ToString());
        await FireAsync(due);
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(1), "a developer may run it");
        var name = (string)(await Client.GetAsync(command)).Body!["name"]!;
        var changed = await Client.PutAsync(
            command,
            $$"""{"name":"{{name}}","kind":"make","workspace_id":"{{Workspace}}","target":"show","run_by":"project_manager"}"""
        );
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
        await FireAsync(due + Minute);
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, "schedule_access_lost")));
    }

    [Test]
    public async Task Fire_OfATokenOfTheProject_ActsForTheToken()
    {
        var created = (await Client.PostAsync($"/api/v1/projects/{Project}/tokens", """{"name":"cron","scopes":["manage"]}""")).Body!;
        using var service = Client.With((string)created["token"]!);
        var schedule = await ScheduleAsync(await CreateMakeAsync("show"), "* * * * *", by: service);
        var due = await NextAsync(schedule);
        await FireAsync(due);
        Assert.That((await RunsOfAsync(schedule), (string)(await ReadAsync(schedule))["run_as"]!), Is.EqualTo((1, "service:cron")));
        await Client.DeleteAsync($"/api/v1/projects/{Project}/tokens/{created["id"]}");
        await FireAsync(due + Minute);
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, "schedule_access_lost")));
    }

    [Test]
    public async Task Run_OfAScheduleThatNeedsApproval_WaitsForASecondPerson()
    {
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var schedule = await ScheduleAsync(
            await CreateMakeAsync("show", ""","approval_by":"project_manager" """),
            "* * * * *",
            by: manager
        );
        await FireAsync(await NextAsync(schedule));
        var run = $"/api/v1/runs/{(await ReadAsync(schedule))["last_run_id"]}";
        Assert.That((await manager.PostAsync($"{run}/approve")).Code, Is.EqualTo("approval_by_requester"));
        Assert.That((await Client.PostAsync($"{run}/approve")).Code, Is.EqualTo("approval_by_requester"), "no person");
        var (second, _) = await Client.CreateMemberAsync(Project, "project_manager");
        Assert.That((await second.PostAsync($"{run}/approve")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Schedule_ForWhoMayNotRunTheCommand_IsNotSaved()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var command = await CreateMakeAsync("show");
        Assert.That(
            (await developer.PostAsync("/api/v1/schedules", Body(command, "* * * * *"))).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        var schedule = await ScheduleAsync(command, "* * * * *");
        Assert.That((await developer.GetAsync(schedule)).Body!["actions"]!.AsArray(), Is.Empty);
        Assert.That((await developer.DeleteAsync(schedule)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var (stranger, _) = await Client.CreateMemberAsync();
        Assert.That((await stranger.GetAsync(schedule)).Code, Is.EqualTo("schedule_not_found"));
        Assert.That((await stranger.PostAsync("/api/v1/schedules", Body(command, "* * * * *"))).Code, Is.EqualTo("command_not_found"));
        Assert.That((await stranger.GetAsync("/api/v1/schedules/fires")).Text, Does.Not.Contain(IdOf(schedule)));
    }
}
