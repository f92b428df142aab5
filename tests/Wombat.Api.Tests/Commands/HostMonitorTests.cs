using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Hosts of SSH that go and come back while nobody runs anything.</summary>
public sealed class HostMonitorTests : SshTestBase
{
    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["COMMANDS_HOST_CHECK_SECONDS"] = "1" };

    [Test]
    public async Task Host_ThatGoesAndComesBack_IsShownAsSuch()
    {
        await using var server = await SshServer.StartAsync();
        var host = await TrustAsync(server);
        var unverified = await RegisterAsync(server);
        await server.KillAsync();
        await Client.WaitAsync(host, "state", TimeSpan.FromSeconds(30), "unreachable");
        Assert.That((string?)(await Client.GetAsync(host)).Body!["problem"], Does.Contain("does not answer"));
        await server.StartAgainAsync();
        await Client.WaitAsync(host, "state", TimeSpan.FromSeconds(30), "reachable");
        Assert.That(
            (await Client.GetAsync($"/api/v1/hosts/{unverified["id"]}")).Body!["checked_at"],
            Is.Null,
            "nobody contacts a host whose keys are not accepted"
        );

        await server.KillAsync();
        await server.ChangeHostKeyAsync();
        await server.StartAgainAsync();
        await Client.WaitAsync(host, "state", TimeSpan.FromSeconds(30), "key_changed");
        Assert.That((await Client.GetAsync("/api/v1/events?action=host.key_changed")).Body!["items"]!.AsArray(), Has.Count.EqualTo(1));
    }
}
