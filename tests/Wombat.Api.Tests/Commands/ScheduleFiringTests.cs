using System.Net;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Schedules over simulated time.</summary>
public sealed class ScheduleFiringTests : ScheduleTestBase
{
    private const string EveryMinute = "* * * * *";

    [Test]
    public async Task Hour_OfEveryMinuteOnTwoReplicas_RequestsSixtyRuns()
    {
        await using var replica = await TestServer.StartAsync(Settings, share: Server, alter: WithoutScheduler);
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), EveryMinute);
        var start = await NextAsync(schedule) - TimeSpan.FromMinutes(1);
        for (var now = start; now < start + TimeSpan.FromHours(1); )
        {
            now += TimeSpan.FromSeconds(20);
            await Task.WhenAll(FireAsync(now, Server), FireAsync(now, replica), FireAsync(now, Server));
        }

        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(60));
        var fires = await Server.ScalarAsync<long>(
            $"select count(distinct date_trunc('minute', at)) from schedule_fires where schedule_id = '{IdOf(schedule)}'"
        );
        Assert.That(fires, Is.EqualTo(60), "one for each instant");
        Assert.That(await ProblemAsync(schedule), Is.Null);
    }

    [TestCase("skip", 0)]
    [TestCase("once", 1)]
    [TestCase("all", 11)]
    public async Task Times_ThatWereMissed_AreMadeUpForByTheRule(string missed, int expected)
    {
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), "0 * * * *", $",\"missed\":\"{missed}\"");
        var now = await NextAsync(schedule) + TimeSpan.FromMinutes(630);
        await FireAsync(now);
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(expected));
        await FireAsync(now + TimeSpan.FromMinutes(5));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(expected), "once");
        await FireAsync(now + TimeSpan.FromMinutes(30.5));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(expected + 1), "the next time is not missed");
    }

    [Test]
    public async Task Times_ThatWereMissedByTheThousand_AreMadeUpForByTheNewestHundred()
    {
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), EveryMinute, ",\"missed\":\"all\"");
        await FireAsync(await NextAsync(schedule) + TimeSpan.FromHours(20.51));
        Assert.That(await RunsOfAsync(schedule), Is.InRange(100, 102), "the newest hundred, and those that were not missed");
    }

    [Test]
    public async Task Clock_ThatJumps_RepeatsNoFireAndDoesNotEndThem()
    {
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), "*/10 * * * *");
        var first = await NextAsync(schedule);
        await FireAsync(first);
        await FireAsync(first + TimeSpan.FromMinutes(10));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(2));
        await FireAsync(first - TimeSpan.FromMinutes(5));
        await FireAsync(first);
        await FireAsync(first + TimeSpan.FromMinutes(10));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(2), "backward: both were handled");
        await FireAsync(first + TimeSpan.FromMinutes(20));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(3));
        await FireAsync(first + TimeSpan.FromDays(1000));
        await FireAsync(first + TimeSpan.FromMinutes(25));
        await FireAsync(first + TimeSpan.FromMinutes(30));
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(5), "far forward and back: it fires on");
    }

    [Test]
    public async Task Transaction_OfAnotherReplicaThatIsRolledBack_LeavesTheFireToThisOne()
    {
        var schedule = await ScheduleAsync(await CreateLocalAsync(["true"]), EveryMinute);
        var due = await NextAsync(schedule);
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand("insert into schedule_fires (schedule_id, at) values ($1, $2)", connection);
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(IdOf(schedule)) });
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = due });
        await insert.ExecuteNonQueryAsync();
        var waiting = FireAsync(due);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.That(waiting.IsCompleted, Is.False, "it waits for the other replica");
        await transaction.RollbackAsync();
        await waiting;
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(1));
    }

    [Test]
    public async Task Schedule_ThatIsPaused_MissesNothing()
    {
        var command = await CreateLocalAsync(["true"]);
        var body = Body(command, "0 * * * *", ",\"missed\":\"all\"");
        var schedule = (await Client.PostAsync("/api/v1/schedules", body)).Location!;
        var due = await NextAsync(schedule);
        Assert.That((await PausedAsync(schedule, body, true)).Status, Is.EqualTo(HttpStatusCode.OK));
        await FireAsync(due + TimeSpan.FromHours(5));
        Assert.That((await ReadAsync(schedule))["next_fires"]!.AsArray(), Is.Empty);
        Assert.That((await PausedAsync(schedule, body, false)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await NextAsync(schedule), Is.EqualTo(due));
        Assert.That(await RunsOfAsync(schedule), Is.Zero, "times while it was paused");
        await FireAsync(due);
        Assert.That(await RunsOfAsync(schedule), Is.EqualTo(1));
    }

    [Test]
    public async Task Fire_OfACommandThatIsBusy_IsRecordedAndTheNextOneIsTried()
    {
        var command = await CreateLocalAsync(["true"], ",\"concurrency\":\"refuse\"");
        var schedule = await ScheduleAsync(command, EveryMinute);
        var due = await NextAsync(schedule);
        await FireAsync(due);
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, (string?)null)));
        var run = (string)(await ReadAsync(schedule))["last_run_id"]!;
        await FireAsync(due + TimeSpan.FromMinutes(1));
        await FireAsync(due + TimeSpan.FromMinutes(2));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((1, "command_busy")));
        Assert.That(await EventsAsync(schedule, 2), Is.EqualTo(new[] { "schedule.created", "schedule.refused" }), "one event for a reason");
        await Client.PostAsync($"/api/v1/jobs/{run}/cancel");
        await FireAsync(due + TimeSpan.FromMinutes(3));
        Assert.That((await RunsOfAsync(schedule), await ProblemAsync(schedule)), Is.EqualTo((2, (string?)null)));
    }

    [Test]
    public async Task Fire_WithAParameterThatTheCommandNoLongerAllows_IsRefused()
    {
        var command = await CreateLocalAsync(["true"], """,    "parameters":[{"name":"A"},{"name":"S","type":"secret"}]""");
        var schedule = await ScheduleAsync(command, EveryMinute, ""","parameters":{"A":"x","S":"hidden-value"}""");
        var due = await NextAsync(schedule);
        var name = (string)(await Client.GetAsync(command)).Body!["name"]!;
        await Client.PutAsync(
            command,
            $$"""{"name":"{{name}}","kind":"local","arguments":["true"],"parameters":[{"name":"A"},{"name":"S"}]}"""
        );
        await FireAsync(due);
        Assert.That(await ProblemAsync(schedule), Is.EqualTo("schedule_outdated"));

        // As a schedule that was saved before versions of commands were recorded.
        await Server.ExecuteAsync($"update schedules set spec = spec - 'command_version' where id = '{IdOf(schedule)}'");
        await FireAsync(due + TimeSpan.FromMinutes(1));
        var problem = (await ReadAsync(schedule))["problem"]!;
        Assert.That(
            ((string)problem["code"]!, await RunsOfAsync(schedule)),
            Is.EqualTo(("validation_failed", 0)),
            "a secret became public"
        );
        Assert.That((string)problem["message"]!, Does.Contain("parameters.S"));
        await Client.PutAsync(command, $$"""{"name":"{{name}}","kind":"local","arguments":["true"]}""");
        await FireAsync(due + TimeSpan.FromMinutes(2));
        Assert.That(await RunsOfAsync(schedule), Is.Zero);
    }

    [Test]
    public async Task Schedule_WhoseRowIsBroken_KeepsNoOtherFromFiring()
    {
        var command = await CreateLocalAsync(["true"]);
        var schedules = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            schedules.Add(await ScheduleAsync(command, EveryMinute));
        }

        await Server.ExecuteAsync($$"""update schedules set spec = '{"cron": "none"}' where id = '{{IdOf(schedules[1])}}'""");
        await Server.ExecuteAsync($"update schedules set spec = '[]' where id = '{IdOf(schedules[2])}'");
        await FireAsync(await NextAsync(schedules[0]));
        Assert.That((await RunsOfAsync(schedules[0]), await RunsOfAsync(schedules[3])), Is.EqualTo((1, 1)));
        Assert.That(await ProblemAsync(schedules[1]), Is.EqualTo("validation_failed"));
        var code = await Server.ScalarAsync<string>($"select problem_code from schedules where id = '{IdOf(schedules[2])}'");
        Assert.That(code, Is.EqualTo("internal"));
        await Server.ExecuteAsync($"delete from schedules where id = '{IdOf(schedules[2])}'");
    }

    private Task<Answer> PausedAsync(string schedule, string body, bool isPaused) =>
        Client.PutAsync(
            schedule,
            ChangeOf(body).Replace("\"missed\"", $"\"is_paused\":{(isPaused ? "true" : "false")},\"missed\"", StringComparison.Ordinal)
        );
}
