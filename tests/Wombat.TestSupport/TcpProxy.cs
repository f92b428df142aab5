using System.Net;
using System.Net.Sockets;

namespace Wombat.TestSupport;

/// <summary>A TCP proxy that can break connections, or run an action at a given byte of the response.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly Socket listener;
    private readonly List<Socket> callers = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private readonly EndPoint target;
    private long answered;
    private (long Bytes, Func<Task> What, TaskCompletionSource Done)? cut;

    /// <param name="port">The server's, on loopback.</param>
    public TcpProxy(int port)
        : this(new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.Loopback, 0)) { }

    /// <param name="target">The server.</param>
    /// <param name="at">The address on which the proxy listens.</param>
    public TcpProxy(EndPoint target, EndPoint at)
    {
        this.target = target;
        listener = NewSocket(at);
        listener.Bind(at);
        listener.Listen();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>Bytes that the server has sent since the last <see cref="CutAsync"/>; since the start if it was never called.</summary>
    public long Answered => Interlocked.Read(ref answered);

    /// <summary>Runs the action once when the server has sent so many more bytes; the rest of that answer is not passed on.</summary>
    /// <returns>Completes when the action has run.</returns>
    public Task CutAsync(long bytes, Func<Task> what)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref answered, 0);
        cut = (bytes, what, done);
        return done.Task;
    }

    /// <summary>Closes the existing connections before it returns. New connections are accepted.</summary>
    public void Break()
    {
        lock (callers)
        {
            callers.ForEach(c => c.Dispose());
            callers.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var caller = await listener.AcceptAsync(stop.Token);
            lock (callers)
            {
                callers.Add(caller);
            }

            _ = ServeAsync(caller);
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using var asking = caller;
        using var server = NewSocket(target);
        try
        {
            await server.ConnectAsync(target, stop.Token);
            await using var one = new NetworkStream(caller);
            await using var other = new NetworkStream(server);
            await Task.WhenAny(one.CopyToAsync(other, stop.Token), AnswerAsync(other, one));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has closed the connection, so the other is closed too.
        }
    }

    private static Socket NewSocket(EndPoint at) => new(at.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);

    private async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[1024];
        while (await from.ReadAsync(buffer, stop.Token) is > 0 and var count)
        {
            if (Interlocked.Add(ref answered, count) >= cut?.Bytes)
            {
                var (_, what, done) = cut.Value;
                cut = null;
                await what();
                done.SetResult();
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), stop.Token);
        }
    }
}
