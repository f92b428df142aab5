using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Wombat.Infrastructure.Commands;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Schedules that fire when a test says so. No worker runs here: the runs stay queued.</summary>
public abstract class ScheduleTestBase : CommandTestBase
{
    private int count;

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api,reconciler" };

    protected override void Alter(IServiceCollection services) => WithoutScheduler(services);

    protected static void WithoutScheduler(IServiceCollection services) =>
        services.Remove(services.Single(s => s.ImplementationType?.Name == "CommandScheduler"));

    /// <summary>Creates a schedule and returns its path.</summary>
    protected async Task<string> ScheduleAsync(string command, string cron, string more = "", WombatClient? by = null)
    {
        var answer = await (by ?? Client).PostAsync("/api/v1/schedules", Body(command, cron, more));
        return answer.Status == HttpStatusCode.Created ? answer.Location! : throw new InvalidOperationException($"No schedule: {answer}");
    }

    protected string Body(string command, string cron, string more = "") =>
        $$"""{"command_id":"{{command.Split('/')[^1]}}","name":"s{{Interlocked.Increment(ref count)}}","cron":"{{cron}}"{{more}}}""";

    /// <summary>The body that changes a schedule: its command cannot be changed.</summary>
    protected static string ChangeOf(string body)
    {
        var fields = JsonNode.Parse(body)!.AsObject();
        fields.Remove("command_id");
        return fields.ToJsonString();
    }

    /// <summary>Lets the schedules of a server fire that are due at a time.</summary>
    protected static Task FireAsync(DateTimeOffset now, TestServer server) =>
        new ScheduleFiring(
            server.Services.GetRequiredService<IServiceScopeFactory>(),
            new SimulatedClock(now),
            NullLogger<ScheduleFiring>.Instance
        ).FireDueAsync(CancellationToken.None);

    protected Task FireAsync(DateTimeOffset now) => FireAsync(now, Server);

    protected async Task<JsonNode> ReadAsync(string schedule) => (await Client.GetAsync(schedule)).Body!;

    /// <summary>The next time of a schedule.</summary>
    protected async Task<DateTimeOffset> NextAsync(string schedule) =>
        DateTimeOffset.Parse((string)(await ReadAsync(schedule))["next_fires"]![0]!, CultureInfo.InvariantCulture);

    /// <summary>How many runs a schedule has requested.</summary>
    protected async Task<int> RunsOfAsync(string schedule) =>
        (int)(await Client.GetAsync($"/api/v1/runs?include_total=true&limit=1&schedule_id={IdOf(schedule)}")).Body!["total"]!;

    /// <summary>The events of a schedule, as soon as they are that many.</summary>
    protected async Task<List<string>> EventsAsync(string schedule, int number)
    {
        var answer = await Eventually.GetAsync(
            () => Client.GetAsync($"/api/v1/events?target_id={IdOf(schedule)}"),
            a => a.Body!["items"]!.AsArray().Count >= number,
            "events get their positions"
        );
        return [.. answer.Body!["items"]!.AsArray().Select(e => (string)e!["action"]!)];
    }

    protected async Task<string?> ProblemAsync(string schedule) => (string?)(await ReadAsync(schedule))["problem"]?["code"];

    protected static string IdOf(string path) => path.Split('/')[^1];
}
