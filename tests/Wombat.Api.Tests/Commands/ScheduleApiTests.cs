using System.Net;
using System.Text.Json.Nodes;

namespace Wombat.Api.Tests.Commands;

public sealed class ScheduleApiTests : ScheduleTestBase
{
    [Test]
    public async Task Schedule_FromCreationToDeletion_IsVersioned()
    {
        var command = await CreateLocalAsync(["true"]);
        var body = Body(command, "30 4 * * 1-5", ""","time_zone":"Europe/Berlin" """);
        var created = await Client.PostAsync("/api/v1/schedules", body);
        Assert.That((created.Status, (string?)created.Body?["missed"]), Is.EqualTo((HttpStatusCode.Created, "skip")), created.ToString());
        Assert.That(created.Body!["next_fires"]!.AsArray(), Has.Count.EqualTo(5));
        Assert.That(created.Body["actions"]!.ToJsonString(), Is.EqualTo("""["update","delete"]"""));
        var path = created.Location!;
        Assert.That((await Client.PostAsync("/api/v1/schedules", body)).Code, Is.EqualTo("name_taken"));
        Assert.That(
            (await Client.PutAsync(path, ChangeOf(body), ("If-Match", "\"7\""))).Status,
            Is.EqualTo(HttpStatusCode.PreconditionFailed)
        );
        var changed = await Client.PutAsync(path, ChangeOf(body).Replace("30 4", "0 5", StringComparison.Ordinal), ("If-Match", "\"1\""));
        Assert.That(((string)changed.Body!["cron"]!, (int)changed.Body["version"]!), Is.EqualTo(("0 5 * * 1-5", 2)), changed.ToString());
        var listed = (await Client.GetAsync($"/api/v1/schedules?command_id={IdOf(command)}&project_id={Project}")).Body![
            "items"
        ]!.AsArray();
        Assert.That(listed.Select(s => (string)s!["id"]!), Is.EqualTo(new[] { IdOf(path) }));
        Assert.That((await Client.DeleteAsync(path, ("If-Match", changed.ETag!))).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Client.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await EventsAsync(path, 3), Is.EqualTo(new[] { "schedule.created", "schedule.updated", "schedule.deleted" }));
    }

    [Test]
    public async Task Schedule_OfACommandThatIsDeleted_IsDeletedWithItAndItsRunsStay()
    {
        var command = await CreateLocalAsync(["true"]);
        var schedule = await ScheduleAsync(command, "* * * * *");
        await FireAsync(await NextAsync(schedule));
        Assert.That((await Client.DeleteAsync(command)).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Client.GetAsync(schedule)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(1));
    }

    [Test]
    public async Task Schedule_ThatCouldNotRun_IsRefusedByItsFields()
    {
        var command = await CreateLocalAsync(["true"], ""","parameters":[{"name":"N","type":"integer","min":1,"max":9,"required":true}]""");
        await RefusedAsync(Body(command, "0 * * * * *", ""","parameters":{"N":"1"}"""), "cron");
        await RefusedAsync(Body(command, "0 * * * *", ""","parameters":{"N":"1"},"time_zone":"Mars/Base" """), "time_zone");
        await RefusedAsync(Body(command, "0 * * * *"), "parameters.N");
        await RefusedAsync(Body(command, "0 * * * *", ""","parameters":{"N":"10"}"""), "parameters.N");
        await RefusedAsync(Body(command, "0 * * * *", ""","parameters":{"N":"1","M":"1"}"""), "parameters.M");
        await RefusedAsync(Body(command, "0 * * * *", $$""","parameters":{"N":"1"},"host_ids":["{{Guid.NewGuid()}}"] """), "host_ids");
        Assert.That((await Client.GetAsync($"/api/v1/schedules?command_id={IdOf(command)}")).Body!["items"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Secret_OfASchedule_IsKeptAndNeverReturned()
    {
        const string Secret = "a-value-that-nobody-sees";
        var command = await CreateLocalAsync(["true"], ""","parameters":[{"name":"S","type":"secret","required":true},{"name":"A"}]""");
        var body = Body(command, "* * * * *", $$""","parameters":{"S":"{{Secret}}","A":"x"}""");
        var created = await Client.PostAsync("/api/v1/schedules", body);
        Assert.That(created.Body!["parameters"]!.ToJsonString(), Is.EqualTo("""{"A":"x","S":null}"""), created.ToString());
        var schedule = created.Location!;
        var kept = await Client.PutAsync(schedule, ChangeOf(body).Replace($"\"{Secret}\"", "null", StringComparison.Ordinal));
        Assert.That(kept.Status, Is.EqualTo(HttpStatusCode.OK), kept.ToString());
        await FireAsync(await NextAsync(schedule));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, (string?)null)));
        var seen = created.Text + kept.Text + (await Client.GetAsync(schedule)).Text + (await Client.GetAsync("/api/v1/schedules")).Text;
        seen += (await Client.GetAsync($"/api/v1/events?target_id={IdOf(schedule)}")).Text;
        seen += (await Client.GetAsync($"/api/v1/runs?schedule_id={IdOf(schedule)}")).Text;
        seen += await Server.ScalarAsync<string>("select string_agg(s::text, '') from schedules s");
        seen += await Server.ScalarAsync<string>("select string_agg(r::text, '') from runs r");
        Assert.That(seen, Does.Not.Contain(Secret));
    }

    [Test]
    public async Task Plan_OfAnExpression_ShowsTheNextFiveFires()
    {
        var plan = await Client.PostAsync("/api/v1/schedules/plan", """{"cron":"0 12 29 2 *","time_zone":"Europe/Berlin"}""");
        Assert.That((string)plan.Body!["next_fires"]![0]!, Is.EqualTo("2028-02-29T11:00:00.000000Z"), plan.ToString());
        Assert.That(plan.Body["next_fires"]!.AsArray(), Has.Count.EqualTo(5));
        var refused = await Client.PostAsync("/api/v1/schedules/plan", """{"cron":"0 0 31 2 *","time_zone":"x"}""");
        Assert.That(refused.ErrorFields, Is.EquivalentTo(new[] { "cron", "time_zone" }));
    }

    [Test]
    public async Task Fires_OfAllSchedules_AreInOrderAndBounded()
    {
        var project = await Client.CreateProjectAsync();
        var created = await Client.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"fires","project_id":"{{project}}","kind":"local","arguments":["true"]}"""
        );
        await ScheduleAsync(created.Location!, "0 */6 * * *");
        await ScheduleAsync(created.Location!, "30 */12 * * *");
        await ScheduleAsync(created.Location!, "* * * * *", ",\"is_paused\":true");
        var fires = (await FiresAsync($"project_id={project}"))["items"]!.AsArray().Select(f => (DateTimeOffset)f!["at"]!).ToList();
        Assert.That(fires, Has.Count.EqualTo((4 + 2) * 7).And.Ordered);
        await ScheduleAsync(created.Location!, "* * * * *");
        var many = await FiresAsync($"project_id={project}");
        Assert.That((many["items"]!.AsArray().Count, (bool)many["is_truncated"]!), Is.EqualTo((1000, true)));
        var tooLong = await Client.GetAsync("/api/v1/schedules/fires?from=2050-01-01T00:00:00Z&to=2050-03-01T00:00:00Z");
        Assert.That(tooLong.ErrorFields, Is.EqualTo(new[] { "to" }));
    }

    private async Task<JsonNode> FiresAsync(string query) => (await Client.GetAsync($"/api/v1/schedules/fires?{query}")).Body!;

    private async Task RefusedAsync(string body, string field)
    {
        var answer = await Client.PostAsync("/api/v1/schedules", body);
        Assert.That(answer.ErrorFields, Is.EqualTo(new[] { field }), answer.ToString());
    }
}
