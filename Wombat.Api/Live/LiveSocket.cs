using System.Net.WebSockets;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>A WebSocket on which Wombat speaks and the reader only listens. Every write waits for the reader, so a slow one costs no memory.</summary>
internal sealed class LiveSocket(WebSocket socket) : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public static async Task<LiveSocket> AcceptAsync(HttpContext http) =>
        new(
            await http.WebSockets.AcceptWebSocketAsync(
                new WebSocketAcceptContext
                {
                    KeepAliveInterval = EventStreamWriter.KeepAlive,
                    KeepAliveTimeout = EventStreamWriter.KeepAlive,
                }
            )
        );

    /// <param name="text">UTF-8.</param>
    public Task SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancel) =>
        socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, cancel).AsTask();

    /// <summary>Speaks until all is said, the reader leaves, or <paramref name="cancel"/>; then closes with the reason.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> speak, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reader = HeedAsync(stop);
        try
        {
            var (status, reason) = await OutcomeAsync(speak, stop.Token, cancel);
            await CloseAsync(status, reason, reader);
        }
        catch (WebSocketException)
        {
            // The reader has gone.
        }
        finally
        {
            socket.Abort();
            await reader;
        }
    }

    public void Dispose() => socket.Dispose();

    private static async Task<(WebSocketCloseStatus Status, string Reason)> OutcomeAsync(
        Func<CancellationToken, Task> speak,
        CancellationToken stop,
        CancellationToken cancel
    )
    {
        try
        {
            await speak(stop);
            return (WebSocketCloseStatus.NormalClosure, "");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return (WebSocketCloseStatus.EndpointUnavailable, "Wombat stops.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (WebSocketCloseStatus.PolicyViolation, "Nothing is expected from the reader.");
        }
        catch (WombatException e)
        {
            return (WebSocketCloseStatus.PolicyViolation, e.Message);
        }
    }

    // Notices that the reader leaves. One that says anything else has taken this for another thing.
    private async Task HeedAsync(CancellationTokenSource stop)
    {
        var buffer = new byte[128];
        try
        {
            ValueWebSocketReceiveResult heard;
            do
            {
                heard = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                await stop.CancelAsync();
            } while (heard.MessageType != WebSocketMessageType.Close);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // Gone without a word, or cut by us.
            await stop.CancelAsync();
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string reason, Task reader)
    {
        try
        {
            using var patience = new CancellationTokenSource(CloseTimeout);
            await socket.CloseOutputAsync(socket.CloseStatus ?? status, socket.CloseStatus is null ? reason : "", patience.Token);
            await reader.WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It went before it was told.
        }
    }
}
