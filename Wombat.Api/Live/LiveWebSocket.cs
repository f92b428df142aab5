using System.Net.WebSockets;
using System.Text;

namespace Wombat.Api.Live;

/// <summary>How Wombat accepts, sends on and closes a WebSocket.</summary>
internal static class LiveWebSocket
{
    /// <summary>How long a client may take for the last messages.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    // Of the WebSocket protocol.
    private const int ReasonBytesMax = 123;

    public static Task<WebSocket> AcceptAsync(HttpContext http) =>
        http.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = EventStreamWriter.KeepAlive, KeepAliveTimeout = EventStreamWriter.KeepAlive }
        );

    /// <summary>
    /// Sends a message. When the call is cancelled meanwhile, the client has <see cref="CloseTimeout"/> to take it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call was cancelled before, or the client did not take the message.</exception>
    public static async Task SendAsync(WebSocket socket, ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();

        // A send that is cancelled breaks the connection, so that no close message could follow it.
        using var late = new CancellationTokenSource();
        await using var end = cancel.UnsafeRegister(_ => late.CancelAfter(CloseTimeout), null);
        await socket.SendAsync(message, type, endOfMessage: true, late.Token);
    }

    /// <summary>Sends the close message, or answers that of the client with its own status.</summary>
    public static Task CloseOutputAsync(WebSocket socket, WebSocketCloseStatus status, string reason, CancellationToken cancel) =>
        socket.CloseOutputAsync(socket.CloseStatus ?? status, socket.CloseStatus is null ? Shorten(reason) : "", cancel);

    private static string Shorten(string text)
    {
        while (Encoding.UTF8.GetByteCount(text) > ReasonBytesMax)
        {
            text = text[..^1];
        }

        return text;
    }
}
