using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Wombat.TestSupport;

/// <summary>Reads the log of a job over a WebSocket.</summary>
public static class LogSocketReader
{
    /// <summary>The messages until the server closes: arrays of lines, and at last an object with the outcome of the job.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(
        WombatClient client,
        string path,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", client.Http.DefaultRequestHeaders.Authorization!.ToString());
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{client.Address.Port}{path}"), cancel);
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, cancel) is { MessageType: not WebSocketMessageType.Close } part)
        {
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                yield return Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length);
                message.SetLength(0);
            }
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
    }
}
