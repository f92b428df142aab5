using System.Net;
using System.Net.WebSockets;
using System.Text;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>A person at a console: types, and sees everything that was shown.</summary>
internal sealed class ConsoleClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket socket;
    private readonly StringBuilder shown = new();
    private readonly List<string> control = [];
    private Task reading = Task.CompletedTask;

    private ConsoleClient(ClientWebSocket socket) => this.socket = socket;

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    /// <summary>The text messages.</summary>
    public IReadOnlyList<string> Control => control;

    public string Shown
    {
        get
        {
            lock (shown)
            {
                return shown.ToString();
            }
        }
    }

    /// <param name="reads">Whether output is received from the start.</param>
    public static async Task<ConsoleClient> OpenAsync(WombatClient client, string container, string query = "", bool reads = true)
    {
        var socket = Socket(client);
        await socket.ConnectAsync(Address(client, container, query), CancellationToken.None);
        var console = new ConsoleClient(socket);
        if (reads)
        {
            console.Read();
        }

        return console;
    }

    /// <summary>The status of the answer to a console that is refused.</summary>
    public static async Task<HttpStatusCode> RefusalAsync(WombatClient client, string container, string query = "")
    {
        using var socket = Socket(client);
        Assert.That(
            () => socket.ConnectAsync(Address(client, container, query), CancellationToken.None),
            Throws.InstanceOf<WebSocketException>()
        );
        return await Task.FromResult(socket.HttpStatusCode);
    }

    public void Read() => reading = ReadAsync();

    public Task TypeAsync(string text) => SendAsync(text, WebSocketMessageType.Binary);

    public Task SendAsync(string text, WebSocketMessageType type) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), type, endOfMessage: true, CancellationToken.None);

    public Task SeesAsync(string text) =>
        Eventually.UntilAsync(() => Shown.Contains(text, StringComparison.Ordinal), $"the console shows {text}", Patience);

    /// <summary>Waits until the server has closed.</summary>
    public Task EndsAsync(TimeSpan? atMost = null) => reading.WaitAsync(atMost ?? Patience);

    public Task CloseAsync() => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    /// <summary>Breaks the connection without a word.</summary>
    public void Vanish() => socket.Abort();

    public void Dispose() => socket.Dispose();

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                var text = Encoding.UTF8.GetString(buffer, 0, part.Count);
                if (part.MessageType == WebSocketMessageType.Text)
                {
                    control.Add(text);
                    continue;
                }

                lock (shown)
                {
                    shown.Append(text);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The test has broken the connection.
        }
    }

    private static Uri Address(WombatClient client, string container, string query) =>
        new($"ws://127.0.0.1:{client.Address.Port}{container}/console{query}");

    private static ClientWebSocket Socket(WombatClient client)
    {
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        if (client.Http.DefaultRequestHeaders.Authorization is { } credential)
        {
            socket.Options.SetRequestHeader("Authorization", credential.ToString());
        }

        return socket;
    }
}
