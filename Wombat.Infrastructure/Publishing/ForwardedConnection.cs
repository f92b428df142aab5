using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Wombat.Infrastructure.Publishing;

/// <summary>Passes the bytes of one connection on, in both directions.</summary>
/// <param name="client">The accepted connection, which is closed at the end.</param>
/// <param name="target">Where it is connected to.</param>
/// <param name="idle">The connection is closed when nothing is passed on for so long.</param>
internal sealed class ForwardedConnection(Socket client, IPEndPoint target, TimeSpan idle)
{
    private const int BufferBytes = 32 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Completes without an exception when the connection has ended. Unless both sides closed it, it is reset.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var server = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            (client.NoDelay, server.NoDelay) = (true, true);
            cancel.CancelAfter(ConnectTimeout);
            await server.ConnectAsync(target, cancel.Token);
            cancel.CancelAfter(idle);
            await Task.WhenAll(CopyAsync(client, server, cancel), CopyAsync(server, client, cancel));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Neither side may take a part of the data for all of it.
            Reset(server);
            Reset(client);
        }
        finally
        {
            client.Dispose();
        }
    }

    /// <summary>Closes the connection so that the other side sees an error.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (SocketException)
        {
            // It has failed already.
        }

        socket.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationTokenSource cancel)
    {
        try
        {
            while (await CopyOnceAsync(from, to, cancel))
            {
                // A fast connection must not keep a thread from other work.
                await Task.Yield();
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            await cancel.CancelAsync();
            throw;
        }
    }

    // False at the end of the data.
    private async Task<bool> CopyOnceAsync(Socket from, Socket to, CancellationTokenSource cancel)
    {
        // Completes when there is something to read, so that a connection without traffic has no buffer.
        await from.ReceiveAsync(Memory<byte>.Empty, cancel.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var count = await from.ReceiveAsync(buffer, cancel.Token);
            for (var sent = 0; sent < count; cancel.CancelAfter(idle))
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancel.Token);
            }

            return count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
