using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>What a pause keeps, and what a change of the command does to its schedules.</summary>
public sealed class SchedulePauseTests : ScheduleTestBase
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Pause_BySomebodyElse_KeepsInWhoseNameRunsAreRequested()
    {
        var command = await CreateMakeAsync("show", ""","parameters":[{"name":"S","type":"secret"},{"name":"A"}]""");
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var schedule = await ScheduleAsync(command, "* * * * *", ""","parameters":{"S":"hidden-value","A":"x"}""", manager);
        var before = await ReadAsync(schedule);
        foreach (var isPaused in new[] { true, true, false })
        {
            var changed = await SaveAsync(schedule, isPaused);
            Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
            Assert.That((string)changed.Body!["run_as"]!, Is.EqualTo((string)before["run_as"]!));
            Assert.That((bool)changed.Body["is_paused"]!, Is.EqualTo(isPaused));
        }

        await FireAsync(await NextAsync(schedule));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, (string?)null)));
        var taken = await SaveAsync(schedule, false);
        Assert.That((string)taken.Body!["run_as"]!, Is.Not.EqualTo((string)before["run_as"]!), taken.ToString());
        Assert.That(taken.Body["parameters"]!.AsObject().ContainsKey("S"), Is.False, "nobody takes over the secret of another person");
        var secret = await SaveAsync(schedule, true, fields => fields["parameters"]!["S"] = "another-value");
        Assert.That((bool)secret.Body!["is_paused"]!, Is.True, secret.ToString());
    }

    [TestCase("parameter")]
    [TestCase("time zone")]
    [TestCase("cron")]
    public async Task Pause_OfAScheduleThatIsBroken_Works(string how)
    {
        var command = await CreateLocalAsync(["true"], ""","parameters":[{"name":"A"}]""");
        var schedule = await ScheduleAsync(command, "* * * * *", ""","parameters":{"A":"x"}""");
        var due = await NextAsync(schedule);
        if (how == "parameter")
        {
            await ChangeAsync(command, "true");
        }
        else
        {
            var (key, value) = how == "cron" ? ("cron", "0 0 31 2 *") : ("time_zone", "Mars/Base");
            await Server.ExecuteAsync(
                $$"""update schedules set spec = spec || '{"{{key}}": "{{value}}"}' where id = '{{IdOf(schedule)}}'"""
            );
        }

        var paused = await SaveAsync(schedule, true);
        Assert.That((paused.Status, (bool?)paused.Body!["is_paused"]), Is.EqualTo((HttpStatusCode.OK, (bool?)true)), paused.ToString());
        await FireAsync(due + Minute);
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((0, (string?)null)));
    }

    [Test]
    public async Task Schedule_ThatIsPausedWithATimeLeft_DoesNotFire()
    {
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), "* * * * *");
        var due = await NextAsync(schedule);
        await SaveAsync(schedule, true);
        await Server.ExecuteAsync($"update schedules set next_fire_at = now() where id = '{IdOf(schedule)}'");
        await FireAsync(due + Minute);
        Assert.That(await RunsOfAsync(schedule), Is.Zero);
        var left = await Server.ScalarAsync<long>(
            $"select count(*) from schedules where id = '{IdOf(schedule)}' and next_fire_at is not null"
        );
        Assert.That(left, Is.Zero);
    }

    [Test]
    public async Task Fire_OfACommandThatWasChanged_IsRefusedUntilTheScheduleIsSavedAgain()
    {
        var command = await CreateLocalAsync(["true"]);
        var schedule = await ScheduleAsync(command, "* * * * *");
        var due = await NextAsync(schedule);
        await FireAsync(due);
        await ChangeAsync(command, "false");
        await FireAsync(due + Minute);
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, "schedule_outdated")));
        await SaveAsync(schedule, true);
        var resumed = await SaveAsync(schedule, false);
        Assert.That((int)resumed.Body!["command_version"]!, Is.EqualTo(1), "a pause does not agree to the new command");
        var saved = await SaveAsync(schedule, false);
        Assert.That((int)saved.Body!["command_version"]!, Is.EqualTo(2), saved.ToString());
        await FireAsync(due + (2 * Minute));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((2, (string?)null)));
    }

    private async Task ChangeAsync(string command, string program)
    {
        var name = (string)(await Client.GetAsync(command)).Body!["name"]!;
        var changed = await Client.PutAsync(command, $$"""{"name":"{{name}}","kind":"local","arguments":["{{program}}"]}""");
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK), changed.ToString());
    }

    // As the page does it: with what was read.
    private async Task<Answer> SaveAsync(string schedule, bool isPaused, Action<JsonObject>? change = null)
    {
        var read = (await ReadAsync(schedule)).AsObject();
        string[] names = ["name", "cron", "time_zone", "missed", "parameters", "host_ids", "all_hosts"];
        var body = new JsonObject(names.Select(n => KeyValuePair.Create(n, read[n]?.DeepClone()))) { ["is_paused"] = isPaused };
        change?.Invoke(body);
        return await Client.PutAsync(schedule, body.ToJsonString());
    }
}
