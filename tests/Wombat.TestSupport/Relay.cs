using System.Net;
using System.Net.Sockets;

namespace Wombat.TestSupport;

/// <summary>Stands before a server on loopback and passes everything on, up to the byte at which a test wants something to happen.</summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private readonly int target;
    private long answered;
    private (long Bytes, Func<Task> What, TaskCompletionSource Done)? cut;

    public Relay(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Bytes that the server has answered since the last <see cref="CutAsync"/>, or ever.</summary>
    public long Answered => Interlocked.Read(ref answered);

    /// <summary>Does it once when the server has answered so many more bytes; the rest of that answer is not passed on.</summary>
    /// <returns>Ends when it is done.</returns>
    public Task CutAsync(long bytes, Func<Task> what)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref answered, 0);
        cut = (bytes, what, done);
        return done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var asking = client;
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            var (one, other) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(one.CopyToAsync(other, stop.Token), AnswerAsync(other, one));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone, and so does the other.
        }
    }

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
