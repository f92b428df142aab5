using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Consoles in a real container.</summary>
[Category("Slow")]
[NonParallelizable]
public sealed class ConsoleTests : InsideTestBase
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected override IReadOnlyDictionary<string, string> MoreSettings { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["CONSOLES_PER_USER"] = "2" };

    [Test]
    public async Task Console_OfADeveloper_TypesResizesAndExits()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        using var one = developer;
        using var console = await ConsoleClient.OpenAsync(developer, Container, "?rows=33&columns=99");
        await console.TypeAsync("echo $((6*7))-answer; stty size\n");
        await console.SeesAsync("42-answer");
        await console.SeesAsync("33 99");
        await console.SendAsync("""{"resize":{"rows":40,"columns":120}}""", WebSocketMessageType.Text);
        await Eventually.UntilAsync(
            async () =>
            {
                await console.TypeAsync("stty size\n");
                await Task.Delay(100);
                return console.Shown.Contains("40 120", StringComparison.Ordinal);
            },
            "the terminal has the new size"
        );
        await console.TypeAsync("exit 3\n");
        await console.EndsAsync();
        Assert.That(console.Control, Is.EqualTo(new[] { """{"exit":{"code":3}}""" }));
        Assert.That((console.CloseStatus, console.CloseReason), Is.EqualTo((WebSocketCloseStatus.NormalClosure, "")));
    }

    [Test]
    public async Task Console_WhenInterruptIsTyped_EndsTheProgram()
    {
        using var console = await ConsoleClient.OpenAsync(Client, Container);
        await console.TypeAsync("sleep 75301\n");
        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + "75301") == 1, "the program runs");
        await console.TypeAsync("\u0003");
        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + "75301") == 0, "the program has ended");
        await console.TypeAsync("echo still-$((1+1))\n");
        await console.SeesAsync("still-2");
    }

    [TestCase(true, "client_closed")]
    [TestCase(false, "client_lost")]
    public async Task Console_WhenClientGoes_EndsWhatRunsInIt(bool closes, string reason)
    {
        var from = await LastEventAsync();
        var marker = closes ? "75302" : "75303";
        using var console = await ConsoleClient.OpenAsync(Client, Container);
        await console.TypeAsync($"sleep {marker}\n");
        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + marker) == 1, "the program runs");
        if (closes)
        {
            await console.CloseAsync();
        }
        else
        {
            console.Vanish();
        }

        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + marker) == 0, "the program has ended");
        Assert.That((string)(await ClosedAsync(from))["after"]!["reason"]!, Is.EqualTo(reason));
    }

    [Test]
    public async Task Console_FromOpenToExit_IsAudited()
    {
        var from = await LastEventAsync();
        var (developer, user) = await Client.CreateMemberAsync(Project, "developer");
        using var one = developer;
        using var console = await ConsoleClient.OpenAsync(developer, Container);
        await console.TypeAsync("echo secret-word; exit\n");
        await console.EndsAsync();
        var closed = await ClosedAsync(from, user);
        var opened = (await EventsAsync()).Last(e => (string)e["action"]! == "container.console_opened" && (string?)e["actor_id"] == user);
        foreach (var entry in new[] { opened, closed })
        {
            Assert.That((string)entry["actor_id"]!, Is.EqualTo(user));
            Assert.That((string)entry["address"]!, Is.EqualTo("127.0.0.1"));
            Assert.That(entry.ToJsonString(), Does.Not.Contain("secret-word"));
        }

        Assert.That((string)opened["after"]!["console_id"]!, Is.EqualTo((string)closed["after"]!["console_id"]!));
        Assert.That(((string)closed["after"]!["reason"]!, (int)closed["after"]!["exit_code"]!), Is.EqualTo(("exited", 0)));
        Assert.That((double)closed["after"]!["duration_seconds"]!, Is.GreaterThan(0));
    }

    [Test]
    public async Task Console_WhenTokenIsRevoked_ClosesWithTheReason()
    {
        var (_, user) = await Client.CreateMemberAsync(Project, "developer");
        var (secret, token) = await Client.CreateTokenAsync(user);
        using var developer = Client.With(secret);
        using var console = await ConsoleClient.OpenAsync(developer, Container);
        await console.TypeAsync("sleep 75304\n");
        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + "75304") == 1, "the program runs");
        await Client.DeleteAsync($"/api/v1/users/{user}/tokens/{token}");
        await console.EndsAsync();
        Assert.That(
            (console.CloseStatus, console.CloseReason),
            Is.EqualTo((WebSocketCloseStatus.PolicyViolation, "The credential has expired or was revoked."))
        );
        Assert.That(console.Control.Single(), Does.StartWith("""{"error":{"code":"permission_lost","message":"""));
        Assert.That(CountProcesses("sleep\0" + "75304"), Is.Zero);
    }

    [Test]
    public async Task Console_WhenMemberIsRemoved_Closes()
    {
        var (developer, user) = await Client.CreateMemberAsync(Project, "developer");
        using var one = developer;
        using var console = await ConsoleClient.OpenAsync(developer, Container);
        await Client.DeleteAsync($"/api/v1/projects/{Project}/members/{user}");
        await console.EndsAsync();
        Assert.That(console.CloseStatus, Is.EqualTo(WebSocketCloseStatus.PolicyViolation));
    }

    [Test]
    public async Task Console_WhenContainerStops_ClosesWithTheReason()
    {
        var (path, name) = await NewContainerAsync();
        using var console = await ConsoleClient.OpenAsync(Client, path);
        await console.TypeAsync("echo ready-$((1+1))\n");
        await console.SeesAsync("ready-2");
        await Lxc.RunAsync("lxc-stop", "-P", Path.Combine(Server.DataDirectory, "lxc"), "-n", name, "-k");
        await console.EndsAsync();
        Assert.That(((int?)console.CloseStatus, console.CloseReason), Is.EqualTo(((int?)4001, $"the container {name} stopped")));
        await Client.WaitAsync(path, "status", Patience, "stopped");
        Assert.That(await ConsoleClient.RefusalAsync(Client, path), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Console_BeyondTheLimitOfTheCaller_IsRefused()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        using var one = developer;
        using var first = await ConsoleClient.OpenAsync(developer, Container);
        using (var second = await ConsoleClient.OpenAsync(developer, Container))
        {
            Assert.That(await ConsoleClient.RefusalAsync(developer, Container), Is.EqualTo(HttpStatusCode.TooManyRequests));
            using var other = await ConsoleClient.OpenAsync(Client, Container);
            await second.CloseAsync();
            await second.EndsAsync();
        }

        await Eventually.GetAsync(
            async () =>
            {
                using var again = await ConsoleClient.OpenAsync(developer, Container);
                return true;
            },
            opened => opened,
            "a place is free again"
        );
    }

    [Test]
    public async Task Console_WithoutPermission_IsRefusedBeforeTheUpgrade()
    {
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        var (stranger, _) = await Client.CreateMemberAsync();
        using var one = viewer;
        using var two = stranger;
        using var nobody = Client.With(token: null);
        Assert.That(await ConsoleClient.RefusalAsync(viewer, Container), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await ConsoleClient.RefusalAsync(stranger, Container), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await ConsoleClient.RefusalAsync(nobody, Container), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await ConsoleClient.RefusalAsync(Client, Container, "?rows=0"), Is.EqualTo(HttpStatusCode.BadRequest));
        var plain = await Client.GetAsync($"{Container}/console");
        Assert.That((plain.Status, plain.ErrorFields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "Upgrade" })));
    }

    [TestCase("hello")]
    [TestCase("""{"resize":{"rows":0,"columns":10}}""")]
    [TestCase("""{"resize":{"rows":"x","columns":10}}""")]
    [TestCase("[]")]
    public async Task Console_WithAnUnknownMessage_Closes(string message)
    {
        using var console = await ConsoleClient.OpenAsync(Client, Container);
        await console.SendAsync(message, WebSocketMessageType.Text);
        await console.EndsAsync();
        Assert.That(console.CloseStatus, Is.EqualTo(WebSocketCloseStatus.PolicyViolation));
        Assert.That(console.CloseReason, Does.StartWith("A text message must be"));
    }

    [Test]
    public async Task Console_WhenClientDoesNotRead_StopsTheOutputWithoutMemory()
    {
        using var console = await ConsoleClient.OpenAsync(Client, Container, reads: false);
        await console.TypeAsync("sh -c 'while :; do echo 0123456789012345678901234567890123456789-flood; done'\n");
        await Eventually.UntilAsync(() => CountProcesses("9-flood") == 1, "the program runs");
        var before = await SettledAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(16 * 1024 * 1024));
        Assert.That(await ProducedAsync(), Is.LessThan(16 * 1024 * 1024), "the program waits");

        // Another console is not affected, and this one goes on as soon as its client reads.
        using var other = await ConsoleClient.OpenAsync(Client, Container);
        await other.TypeAsync("echo other-$((1+1))\n");
        await other.SeesAsync("other-2");
        console.Read();
        await console.SeesAsync("9-flood");
        await console.TypeAsync("\u0003");
        await console.TypeAsync("exit\n");
        await console.EndsAsync();
    }

    [Test]
    public async Task Console_WhenNobodyTypes_ClosesAtTheIdleLimit()
    {
        await using var impatient = await ReplicaAsync(new() { ["CONSOLES_IDLE_SECONDS"] = "2" });
        using var console = await ConsoleClient.OpenAsync(impatient.Client, Container);
        await console.TypeAsync("while true; do echo busy; sleep 1; done\n");
        await console.EndsAsync();
        Assert.That(((int?)console.CloseStatus, console.CloseReason), Is.EqualTo(((int?)4000, "Nothing was typed for 2 s.")));
    }

    [Test]
    public async Task Console_WhenServerStops_ClosesAndIsAudited()
    {
        var from = await LastEventAsync();
        var second = await ReplicaAsync([]);
        using var console = await ConsoleClient.OpenAsync(second.Client, Container);
        await console.TypeAsync("sleep 75305\n");
        await Eventually.UntilAsync(() => CountProcesses("sleep\0" + "75305") == 1, "the program runs");
        var stopped = second.DisposeAsync().AsTask();
        await console.EndsAsync();
        Assert.That(
            (console.CloseStatus, console.CloseReason),
            Is.EqualTo((WebSocketCloseStatus.EndpointUnavailable, "Wombat is stopping."))
        );
        await stopped.WaitAsync(Patience);
        Assert.That((string)(await ClosedAsync(from))["after"]!["reason"]!, Is.EqualTo("wombat_stopped"));
        Assert.That(CountProcesses("sleep\0" + "75305"), Is.Zero);
    }

    [Test]
    public async Task Console_OnAnotherHost_IsRefusedWithTheHost()
    {
        using var folder = new TestFolder();
        await using var far = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = WombatProcess.Forge(),
                ["ROLES"] = "api",
            },
            replicaOf: Server,
            dataDirectory: folder
        );
        Assert.That(await ConsoleClient.RefusalAsync(far.Client, Container), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        var host = (string)(await Client.GetAsync(Container)).Body!["host_name"]!;
        var answer = await far.Client.GetAsync($"{Container}/console");
        Assert.That(
            (answer.Code, (string)answer.Body!["detail"]!),
            Is.EqualTo(("plugin_unavailable", $"The container is on the host {host}; send the request to the Wombat there."))
        );
    }

    // Another process role on the same data directory.
    private Task<TestServer> ReplicaAsync(Dictionary<string, string> settings) =>
        TestServer.StartAsync(
            new Dictionary<string, string>(settings, StringComparer.Ordinal)
            {
                ["PLUGINS_PROXMOX_ENABLED"] = "true",
                ["PLUGINS_PROXMOX_CLI_PATH"] = WombatProcess.Forge(),
                ["ROLES"] = "api",
            },
            share: Server
        );

    private static async Task<long> SettledAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // What the flooding program has written so far.
    private static async Task<long> ProducedAsync()
    {
        var program = Directory.EnumerateDirectories("/proc").Where(d => CommandLineOf(d).Contains("9-flood", StringComparison.Ordinal));
        var counters = await File.ReadAllLinesAsync(Path.Combine(program.Single(), "io"));
        return long.Parse(counters.Single(l => l.StartsWith("wchar: ", StringComparison.Ordinal))["wchar: ".Length..]);
    }

    private async Task<IReadOnlyList<JsonNode>> EventsAsync() =>
        [.. (await Client.GetAsync($"{Container}/events?limit=200&sort=-position")).Body!["items"]!.AsArray().Select(e => e!).Reverse()];

    private async Task<string> LastEventAsync() => (string)(await EventsAsync())[^1]["id"]!;

    // The end of the next console that was opened after the event, by the user if one is named; consoles of other tests may end meanwhile.
    private async Task<JsonNode> ClosedAsync(string after, string? user = null) =>
        await Eventually.GetAsync(
            async () =>
            {
                var later = (await EventsAsync()).SkipWhile(e => (string)e["id"]! != after).Skip(1).ToList();
                var opened = later.FirstOrDefault(e =>
                    (string)e["action"]! == "container.console_opened" && (user is null || (string?)e["actor_id"] == user)
                );
                return opened is null
                    ? null!
                    : later.FirstOrDefault(e =>
                        (string)e["action"]! == "container.console_closed"
                        && (string)e["after"]!["console_id"]! == (string)opened["after"]!["console_id"]!
                    )!;
            },
            e => e is not null,
            "the end of the console is recorded"
        );
}
