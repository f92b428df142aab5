using System.Net.WebSockets;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>A WebSocket on which only Wombat sends. Each write waits for the client, so that a slow client does not use memory.</summary>
internal sealed class LiveSocket(WebSocket socket) : IDisposable
{
    public static async Task<LiveSocket> AcceptAsync(HttpContext http) => new(await LiveWebSocket.AcceptAsync(http));

    /// <param name="text">UTF-8.</param>
    public Task SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancel) =>
        LiveWebSocket.SendAsync(socket, text, WebSocketMessageType.Text, cancel);

    /// <summary>Sends until everything is sent, the client closes, or <paramref name="cancel"/>; then closes with the reason.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> send, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reader = WatchForCloseAsync(stop);
        try
        {
            var (status, reason) = await OutcomeAsync(send, stop.Token, cancel);
            await CloseAsync(status, reason, reader);
        }
        catch (WebSocketException)
        {
            // The client has disconnected.
        }
        finally
        {
            socket.Abort();
            await reader;
        }
    }

    public void Dispose() => socket.Dispose();

    private static async Task<(WebSocketCloseStatus Status, string Reason)> OutcomeAsync(
        Func<CancellationToken, Task> send,
        CancellationToken stop,
        CancellationToken cancel
    )
    {
        try
        {
            await send(stop);
            return (WebSocketCloseStatus.NormalClosure, "");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return (WebSocketCloseStatus.EndpointUnavailable, "Wombat is stopping.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (WebSocketCloseStatus.PolicyViolation, "The server accepts no messages.");
        }
        catch (WombatException e)
        {
            return (WebSocketCloseStatus.PolicyViolation, e.Message);
        }
    }

    // Detects that the client closes. A client that sends a message uses the wrong protocol.
    private async Task WatchForCloseAsync(CancellationTokenSource stop)
    {
        var buffer = new byte[128];
        try
        {
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                await stop.CancelAsync();
            } while (received.MessageType != WebSocketMessageType.Close);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The connection broke, or Wombat aborted it.
            await stop.CancelAsync();
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string reason, Task reader)
    {
        try
        {
            using var patience = new CancellationTokenSource(LiveWebSocket.CloseTimeout);
            await LiveWebSocket.CloseOutputAsync(socket, status, reason, patience.Token);
            await reader.WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client disconnected before the close message.
        }
    }
}
