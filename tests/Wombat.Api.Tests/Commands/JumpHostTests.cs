using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Hosts that are reached through another one, with two real servers. Their address has a meaning only there.</summary>
public sealed class JumpHostTests : SshTestBase
{
    private SshServer gate = null!;
    private SshServer inner = null!;
    private string jump = "";
    private string host = "";

    [OneTimeSetUp]
    public async Task StartHosts()
    {
        (gate, inner) = (await SshServer.StartAsync(), await SshServer.StartAsync("/bin/dash"));
        jump = await TrustAsync(gate);
        host = await TrustAsync(inner, jump);
    }

    [OneTimeTearDown]
    public async Task StopHosts()
    {
        await gate.DisposeAsync();
        await inner.DisposeAsync();
    }

    [Test]
    [Order(1)]
    public async Task Run_ThroughAJumpHost_PassesHostileValuesUnchanged()
    {
        var command = await CreateSshAsync(
            [host],
            ["printf", "<%s>", "{{VALUE}}"],
            ""","parameters":[{"name":"VALUE","pattern":"(?s).*"}]"""
        );
        var value = string.Concat(RunTests.Hostile);
        var run = await StartAsync(command, new JsonObject { ["VALUE"] = value });
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        Assert.That(string.Join('\n', await OutputAsync(run)), Is.EqualTo($"<{value}>"));
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        var uid = await StartAsync(await CreateSshAsync([host], ["id", "-u"]));
        await EndAsync(uid);
        Assert.That(await OutputAsync(uid), Is.EqualTo(new[] { $"{inner.Uid}" }), "it runs behind the jump host");
        Assert.That(File.Exists("/tmp/wombat-hostile"), Is.False);
    }

    [Test]
    [Order(2)]
    public async Task Cancel_ThroughAJumpHost_LeavesNothingThereAndProvesIt()
    {
        var command = await CreateSshAsync([host], ["sh", "-c", "trap '' TERM; setsid sleep 1001 & echo up; sleep 1000; sleep 1002"]);
        var run = await StartAsync(command);
        await WaitForOutputAsync(run, "up");
        Assert.That(gate.Processes(), Is.Empty, "nothing is executed on the jump host");
        await Client.PostAsync($"{JobOf(run)}/cancel");
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("cancelled"), ended.ToJsonString());
        Assert.That((bool)ended["ending"]!["proven"]!, ended["ending"]!.ToJsonString());
        Assert.That(inner.Processes(), Is.Empty);
    }

    [Test]
    [Order(3)]
    public async Task Run_WhoseJumpHostEndsTheConnection_IsEndedOverAnother()
    {
        var run = await StartAsync(await CreateSshAsync([host], ["sh", "-c", "trap '' TERM HUP; echo up; sleep 1000; sleep 1001"]));
        await WaitForOutputAsync(run, "up");
        await gate.SignalSessionsAsync("KILL");
        var ended = await EndAsync(run);
        Assert.That((string?)ended["error"]?["code"], Is.EqualTo("host_connection_lost"), ended.ToJsonString());
        Assert.That((string)ended["ending"]!["explanation"]!, Does.Not.Contain("could not be learnt"), "the other connection has asked");
        await Eventually.UntilAsync(() => inner.Processes().Count == 0, "the processes have ended");
    }

    [Test]
    [Order(4)]
    public async Task Host_BehindAJumpHost_TellsWhichOfThemFails()
    {
        await inner.KillAsync();
        var down = (await Client.PostAsync($"{host}/test")).Body!;
        Assert.That((string)down["state"]!, Is.EqualTo("unreachable"), down.ToJsonString());
        Assert.That((string)down["problem"]!, Does.StartWith(SshServer.InnerName).And.Contain("through the jump host"));
        await inner.ChangeHostKeyAsync();
        await inner.StartAgainAsync();
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["state"]!, Is.EqualTo("key_changed"));
        var accepted = await AcceptAsync(host, await inner.FingerprintAsync());
        Assert.That((string?)accepted.Body?["state"], Is.EqualTo("reachable"), accepted.ToString());
        await gate.KillAsync();
        await AssertFailsAsync("host_unreachable", $"The jump host {await NameAsync(jump)} cannot be used");
        await gate.ChangeHostKeyAsync();
        await gate.StartAgainAsync();
        await AssertFailsAsync("host_not_trusted", $"The jump host {await NameAsync(jump)} cannot be used");
        Assert.That((string)(await Client.GetAsync(jump)).Body!["state"]!, Is.EqualTo("key_changed"), "the run has shown it");
        Assert.That((string)(await Client.GetAsync(host)).Body!["state"]!, Is.EqualTo("unreachable"));
        await AssertFailsAsync("host_not_trusted", $"{await NameAsync(jump)}, the jump host of {await NameAsync(host)}");
        var refused = await AcceptAsync(host, await inner.FingerprintAsync());
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "host_not_trusted")), refused.ToString());
        await AcceptAsync(jump, await gate.FingerprintAsync());
        Assert.That((string)(await Client.PostAsync($"{host}/test")).Body!["state"]!, Is.EqualTo("reachable"));
    }

    [Test]
    [Order(5)]
    public async Task JumpHost_ThatIsUsed_IsNotRemovedAndHasNoneItself()
    {
        var refused = await Client.DeleteAsync(jump);
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Conflict, "host_in_use")));
        Assert.That(refused.Text, Does.Contain(await NameAsync(host)));
        var other = await PostAsync(null, null);
        AssertRefused(await PutAsync(jump, other), "use this host as their jump host");
        AssertRefused(await PutAsync(await PostAsync(Project, null), host), "without a jump host");
        AssertRefused(await PutAsync(other, other), "another host");
        AssertRefused(await PutAsync(other, $"/{Guid.NewGuid()}"), "same project or the platform");
        AssertRefused(await PutAsync(other, await PostAsync(await Client.CreateProjectAsync(), null)), "same project");
        Assert.That(await PostAsync(Project, other), Does.StartWith("/api/v1/hosts/"), "one of the platform");
    }

    [Test]
    [Order(6)]
    public async Task Host_WithAnotherJumpHost_HasToBeAcceptedAgain()
    {
        var moved = await PutAsync(host, null);
        Assert.That(
            ((string)moved.Body!["state"]!, moved.Body["host_keys"]!.AsArray().Count, moved.Body["jump_host_id"]),
            Is.EqualTo(("unverified", 0, (JsonNode?)null)),
            moved.ToString()
        );
        var direct = (await Client.PostAsync($"{host}/test")).Body!;
        Assert.That(direct["host_keys"]!.AsArray(), Is.Empty, "the name means nothing here");
        Assert.That((await Client.DeleteAsync(jump)).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    private async Task AssertFailsAsync(string code, string message)
    {
        var run = await RunAsync(await CreateSshAsync([host], ["touch", "ran"]));
        Assert.That(((string)run["status"]!, (string?)run["error"]?["code"]), Is.EqualTo(("failed", code)), run.ToJsonString());
        Assert.That((string)run["error"]!["message"]!, Does.Contain(message));
        Assert.That(File.Exists(Path.Combine(inner.Home, "ran")), Is.False);
    }

    private static void AssertRefused(Answer answer, string message)
    {
        Assert.That((answer.Status, answer.ErrorFields.Single()), Is.EqualTo((HttpStatusCode.BadRequest, "jump_host_id")), $"{answer}");
        Assert.That(answer.Text, Does.Contain(message));
    }

    private async Task<string> NameAsync(string path) => (string)(await Client.GetAsync(path)).Body!["name"]!;

    private async Task<string> PostAsync(string? project, string? jumpHost)
    {
        var body = new JsonObject
        {
            ["name"] = $"other-{Guid.NewGuid():N}",
            ["project_id"] = project,
            ["address"] = "127.0.0.1",
            ["user_name"] = "x",
            ["jump_host_id"] = jumpHost?.Split('/')[^1],
        };
        var created = await Client.PostAsync("/api/v1/hosts", body.ToJsonString());
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created), created.ToString());
        return created.Location!;
    }

    private async Task<Answer> PutAsync(string path, string? jumpHost)
    {
        var now = (await Client.GetAsync(path)).Body!;
        var body = new JsonObject
        {
            ["name"] = (string)now["name"]!,
            ["address"] = (string)now["address"]!,
            ["port"] = (int)now["port"]!,
            ["user_name"] = (string)now["user_name"]!,
            ["jump_host_id"] = jumpHost?.Split('/')[^1],
        };
        return await Client.PutAsync(path, body.ToJsonString());
    }
}
