using System.Net.WebSockets;
using System.Threading.Channels;
using Wombat.Domain.Plugins;

namespace Wombat.Api.Live;

/// <summary>
/// The WebSocket of a console. Binary messages are bytes of the terminal, in both directions; text messages are control in JSON. Nothing
/// is received while the input is not read, and output waits for the client.
/// </summary>
internal sealed class ConsoleSocket : IConsoleClient, IDisposable
{
    private const int ReceiveBytes = 4 * 1024;
    private const int WaitingInputs = 16;

    // A console that prints without end must not take the machine from others.
    private const int OutputBytesPerSecond = 8 * 1024 * 1024;

    private readonly Channel<ConsoleInput> input = Channel.CreateBounded<ConsoleInput>(
        new BoundedChannelOptions(WaitingInputs) { SingleReader = true, SingleWriter = true }
    );
    private readonly WebSocket socket;
    private readonly TimeProvider clock;
    private long lastInputAt;
    private long windowAt;
    private int windowBytes;

    private ConsoleSocket(WebSocket socket, TimeProvider clock)
    {
        (this.socket, this.clock) = (socket, clock);
        (lastInputAt, windowAt) = (clock.GetTimestamp(), clock.GetTimestamp());
        Gone = ReceiveAsync();
    }

    /// <summary>Completes when the client sends no more.</summary>
    public Task<ConsoleEnd> Gone { get; }

    /// <summary>How long ago the client sent the last message.</summary>
    public TimeSpan IdleTime => clock.GetElapsedTime(Interlocked.Read(ref lastInputAt));

    public static async Task<ConsoleSocket> AcceptAsync(HttpContext http, TimeProvider clock) =>
        new(await LiveWebSocket.AcceptAsync(http), clock);

    public async ValueTask<ConsoleInput?> ReadAsync(CancellationToken cancel) =>
        await input.Reader.WaitToReadAsync(cancel) && input.Reader.TryRead(out var next) ? next : null;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> output, CancellationToken cancel)
    {
        await LiveWebSocket.SendAsync(socket, output, WebSocketMessageType.Binary, cancel);
        windowBytes += output.Length;
        if (windowBytes < OutputBytesPerSecond)
        {
            return;
        }

        var rest = TimeSpan.FromSeconds(1) - clock.GetElapsedTime(windowAt);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, clock, cancel);
        }

        (windowBytes, windowAt) = (0, clock.GetTimestamp());
    }

    /// <summary>Tells the client how the console ended, and closes.</summary>
    public async Task CloseAsync(ConsoleEnd end)
    {
        input.Writer.TryComplete();
        try
        {
            using var patience = new CancellationTokenSource(LiveWebSocket.CloseTimeout);
            if (socket.State == WebSocketState.Open && end.ToJson() is { } last)
            {
                await socket.SendAsync(last, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            }

            await LiveWebSocket.CloseOutputAsync(socket, end.Status, end.Message, patience.Token);
            await Gone.WaitAsync(patience.Token);
            await DrainAsync(patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client disconnected before the close message.
        }

        socket.Abort();
        await Gone;
    }

    public void Dispose() => socket.Dispose();

    // An abort before the client has answered would take the close message from it.
    private async Task DrainAsync(CancellationToken cancel)
    {
        var buffer = new byte[ReceiveBytes];
        while (socket.State == WebSocketState.CloseSent)
        {
            await socket.ReceiveAsync(buffer.AsMemory(), cancel);
        }
    }

    private async Task<ConsoleEnd> ReceiveAsync()
    {
        try
        {
            var buffer = new byte[ReceiveBytes];
            while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { } received)
            {
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return ConsoleEnd.ClientClosed;
                }

                Interlocked.Exchange(ref lastInputAt, clock.GetTimestamp());
                if (received.MessageType == WebSocketMessageType.Binary)
                {
                    await input.Writer.WriteAsync(new ConsoleInput(buffer.AsSpan(0, received.Count).ToArray()));
                }
                else if (received.EndOfMessage && ConsoleControl.ReadSize(buffer.AsMemory(0, received.Count)) is { } size)
                {
                    await input.Writer.WriteAsync(new ConsoleInput(default, size));
                }
                else
                {
                    return ConsoleEnd.Misused(ConsoleControl.Form);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ChannelClosedException)
        {
            // The connection broke, or the console has ended.
        }
        finally
        {
            input.Writer.TryComplete();
        }

        return ConsoleEnd.ClientLost;
    }
}
