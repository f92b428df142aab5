using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Hosts of SSH that stop answering without closing the connection, and programs that misbehave there.</summary>
[Category("Slow")]
public sealed class SshFaultTests : SshTestBase
{
    // The keep-alive time of 15 s, and the time for the second connection.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(15 + 5);
    private static readonly TimeSpan Refused = TimeSpan.FromSeconds(15 + 25);

    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(base.Settings, StringComparer.Ordinal) { ["JOBS_LOG_MAX_MIB"] = "1" };

    [Test]
    public async Task Run_WhoseSessionStopsAnswering_IsEndedOverAnotherConnection()
    {
        await using var server = await SshServer.StartAsync();
        var run = await StartAsync(await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "echo up; sleep 1000; sleep 1001"]));
        await WaitForOutputAsync(run, "up");
        var from = TimeProvider.System.GetTimestamp();
        await server.SignalSessionsAsync("STOP");
        var ended = await EndAsync(run);
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(Noticed));
        AssertIsLost(ended);
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Run_WhoseHostsPacketsAreDropped_FailsAndSaysThatItsEndIsUnknown()
    {
        await using var server = await SshServer.StartAsync();
        var command = await CreateSshAsync(
            [await TrustAsync(server)],
            ["sh", "-c", "[ -e again ] && exit 0; touch again; echo up; sleep 1000; sleep 1001"]
        );
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        var from = TimeProvider.System.GetTimestamp();
        Assume.That(await server.DropPacketsAsync(), "this machine allows packet filters");
        var ended = await EndAsync(run);
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(Refused));
        AssertIsLost(ended);
        Assert.That((bool)ended["ending"]!["proven"]!, Is.False, ended["ending"]!.ToJsonString());
        Assert.That((string)ended["ending"]!["explanation"]!, Does.Contain("could not be learnt"));
        await server.PassPacketsAsync();
        await Client.PostAsync($"{JobOf(run)}/retry");
        var again = await EndAsync(run);
        Assert.That((string)again["status"]!, Is.EqualTo("succeeded"), again.ToJsonString());
        Assert.That((await LinesAsync(run)).Select(l => (string)l["text"]!), Has.Some.StartWith("The earlier attempt: "));
        Assert.That(server.Processes(), Is.Empty, "the retry has ended the processes of the earlier attempt");
    }

    [Test]
    public async Task Run_WithEndlessOutput_IsEndedThereAtTheLimitOfTheLog()
    {
        await using var server = await SshServer.StartAsync();
        var ended = await RunAsync(await CreateSshAsync([await TrustAsync(server)], ["yes", new string('y', 100)]));
        Assert.That(((string)ended["status"]!, (string?)ended["error"]?["code"]), Is.EqualTo(("failed", "output_too_large")));
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(server.Processes(), Is.Empty);
    }

    [Test]
    public async Task Cancel_OfAProgramThatHasClosedItsOutput_EndsItThere()
    {
        await using var server = await SshServer.StartAsync();
        var run = await StartAsync(
            await CreateSshAsync([await TrustAsync(server)], ["sh", "-c", "trap '' TERM; echo up; exec >&- 2>&-; sleep 1000; sleep 1001"])
        );
        await WaitForOutputAsync(run, "up");
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(server.Processes(), Is.Empty);
    }

    private static void AssertIsLost(JsonNode ended) =>
        Assert.That(
            ((string)ended["status"]!, (string?)ended["error"]?["code"]),
            Is.EqualTo(("failed", "host_connection_lost")),
            ended.ToJsonString()
        );
}
