using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Wombat.Infrastructure.Publishing;

/// <summary>Accepts connections at one address and passes them on to a port of a container.</summary>
internal sealed class PortListener : IAsyncDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly IPEndPoint target;
    private readonly ConnectionLimit limit;
    private readonly TimeSpan idle;
    private readonly ILogger log;
    private readonly Socket listener;
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    /// <param name="at">Where it listens.</param>
    /// <param name="target">The port of the container.</param>
    /// <param name="limit">A connection beyond it is reset.</param>
    /// <param name="idle">A connection on which nothing is passed on for so long is closed.</param>
    /// <exception cref="SocketException">It cannot listen there.</exception>
    public PortListener(IPEndPoint at, IPEndPoint target, ConnectionLimit limit, TimeSpan idle, ILogger log)
    {
        (this.target, this.limit, this.idle, this.log) = (target, limit, idle, log);
        listener = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (at.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // 0.0.0.0 is an address of its own in the setting.
                listener.DualMode = false;
            }

            listener.Bind(at);
            listener.Listen(Backlog);
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }

        accepting = AcceptAsync();
    }

    /// <summary>The port of the container.</summary>
    public IPEndPoint Target => target;

    /// <summary>Closes the port and resets its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await listener.AcceptAsync(stop.Token);
                if (limit.TryEnter())
                {
                    _ = ForwardAsync(client, stop.Token);
                }
                else
                {
                    ForwardedConnection.Reset(client);
                }

                // Many new connections must not keep a thread from other work.
                await Task.Yield();
            }
            catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client has gone, or the process has too many open files.
                await Task.Delay(RetryDelay, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ForwardAsync(Socket client, CancellationToken cancel)
    {
        try
        {
            await new ForwardedConnection(client, target, idle).RunAsync(cancel);
        }
        catch (Exception e)
        {
            log.LogError(e, "A connection to {Target} failed", target);
        }
        finally
        {
            limit.Leave();
        }
    }
}
