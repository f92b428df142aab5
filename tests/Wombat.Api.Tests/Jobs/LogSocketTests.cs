using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>A job's log followed over a WebSocket.</summary>
[NonParallelizable]
public sealed class LogSocketTests
{
    private const string Password = "eleven pale moths";

    private const string Cli = """
        case "$1 $*" in
        *--template\ lines*) for i in $(seq 1 40); do echo "line $i" >&2; sleep 0.05; done
            echo '{"id":"1","name":"one","status":"running"}';;
        *) while true; do echo working >&2; sleep 0.1; done;;
        esac
        """;

    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string> { ["JOBS_CONCURRENCY"] = "8", ["JOBS_DRAIN_SECONDS"] = "0" },
            cli: Cli
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Socket_WhenResumedTenTimes_DeliversEachLineOnceInOrder()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        var numbers = new List<long>();
        var texts = new List<string>();
        string? end = null;
        for (var connection = 0; end is null; connection++)
        {
            Assert.That(connection, Is.LessThan(50));
            using var socket = await OpenAsync(Client, $"{job}/log?after={numbers.LastOrDefault()}");
            for (var messages = 0; connection >= 10 || messages < 2; messages++)
            {
                var message = await ReceiveAsync(socket);
                if (message is null)
                {
                    Assert.That((socket.CloseStatus, end), Is.EqualTo((WebSocketCloseStatus.NormalClosure, """{"status":"succeeded"}""")));
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                if (message[0] == '{')
                {
                    end = message;
                    continue;
                }

                numbers.AddRange(JsonNode.Parse(message)!.AsArray().Select(l => (long)l!["number"]!));
                texts.AddRange(JsonNode.Parse(message)!.AsArray().Select(l => (string)l!["text"]!));
            }
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, numbers.Count).Select(i => (long)i)));
        Assert.That(
            texts.Where(t => t.StartsWith("line ", StringComparison.Ordinal)),
            Is.EqualTo(Enumerable.Range(1, 40).Select(i => $"line {i}"))
        );
    }

    [Test]
    public async Task Open_WithoutPermission_IsRejectedBeforeTheUpgrade()
    {
        var job = await WorkingAsync();
        using var nobody = Client.With(token: null);
        var (stranger, _) = await Client.CreateMemberAsync();
        using var other = stranger;
        Assert.That(await RefusalAsync(nobody, $"{job}/log"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await RefusalAsync(other, $"{job}/log"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await RefusalAsync(Client, $"/api/v1/jobs/{Guid.NewGuid()}/log"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await RefusalAsync(Client, $"{job}/log?after=x"), Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Open_WithACookieFromAnotherOrigin_Is403()
    {
        var job = await WorkingAsync();
        await Client.CreateUserAsync("page", $$""","platform_role":"admin","password":"{{Password}}" """);
        using var nobody = Client.With(token: null);
        var cookie = ("Cookie", (await nobody.SignInAsync("page", Password)).Cookie("wombat_session"));
        Assert.That(
            await RefusalAsync(nobody, $"{job}/log", cookie, ("Origin", "http://evil.example.org")),
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        Assert.That(await RefusalAsync(nobody, $"{job}/log", cookie), Is.EqualTo(HttpStatusCode.Forbidden));
        using var own = await OpenAsync(nobody, $"{job}/log", cookie, ("Origin", $"http://127.0.0.1:{Client.Address.Port}"));
        Assert.That(await ReceiveAsync(own), Does.StartWith("[{"));
    }

    [Test]
    public async Task Socket_WhenUserIsDeactivated_ClosesWithTheReason()
    {
        var job = await WorkingAsync();
        var user = await Client.CreateUserAsync(more: ""","platform_role":"admin" """);
        using var client = Client.With((await Client.CreateTokenAsync(user)).Secret);
        using var socket = await OpenAsync(client, $"{job}/log");
        await ReceiveAsync(socket);
        await Client.PatchAsync($"/api/v1/users/{user}", """{"active":false}""");
        var from = TimeProvider.System.GetTimestamp();
        while (await ReceiveAsync(socket) is not null)
        {
            Assert.That(TimeProvider.System.GetElapsedTime(from), Is.LessThan(TimeSpan.FromSeconds(1)));
        }

        Assert.That(
            (socket.CloseStatus, socket.CloseStatusDescription),
            Is.EqualTo((WebSocketCloseStatus.PolicyViolation, "The credential has expired or was revoked."))
        );
    }

    [Test]
    public async Task Socket_WhenClientSendsAMessage_Closes()
    {
        using var socket = await OpenAsync(Client, $"{await WorkingAsync()}/log");
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        while (await ReceiveAsync(socket) is not null) { }

        Assert.That(socket.CloseStatus, Is.EqualTo(WebSocketCloseStatus.PolicyViolation));
    }

    [Test]
    public async Task Socket_WhenServerStops_ClosesAsUnavailable()
    {
        var second = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLES"] = "api" },
            share: server
        );
        using var socket = await OpenAsync(second.Client, $"{await WorkingAsync()}/log");
        await ReceiveAsync(socket);
        var stopped = second.DisposeAsync().AsTask();
        while (await ReceiveAsync(socket) is not null) { }

        Assert.That(socket.CloseStatus, Is.EqualTo(WebSocketCloseStatus.EndpointUnavailable));
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
    }

    // A job that writes its log until the server stops.
    private async Task<string> WorkingAsync()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "endless");
        await Client.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        return job;
    }

    private static async Task<HttpStatusCode> RefusalAsync(WombatClient client, string path, params (string Name, string Value)[] headers)
    {
        using var socket = Socket(client, headers);
        Assert.That(() => socket.ConnectAsync(Address(client, path), CancellationToken.None), Throws.InstanceOf<WebSocketException>());
        return await Task.FromResult(socket.HttpStatusCode);
    }

    private static async Task<ClientWebSocket> OpenAsync(WombatClient client, string path, params (string Name, string Value)[] headers)
    {
        var socket = Socket(client, headers);
        await socket.ConnectAsync(Address(client, path), CancellationToken.None);
        return socket;
    }

    private static Uri Address(WombatClient client, string path) => new($"ws://127.0.0.1:{client.Address.Port}{path}");

    private static ClientWebSocket Socket(WombatClient client, (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        if (client.Http.DefaultRequestHeaders.Authorization is { } credential)
        {
            socket.Options.SetRequestHeader("Authorization", credential.ToString());
        }

        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        return socket;
    }

    /// <summary>A whole message; null once the server has closed.</summary>
    private static async Task<string?> ReceiveAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(text.ToArray());
            }
        }
    }
}
