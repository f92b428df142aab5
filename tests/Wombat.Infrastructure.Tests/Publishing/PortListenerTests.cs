using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Wombat.Infrastructure.Publishing;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Publishing;

public sealed class PortListenerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private TcpListener container = null!;
    private IPEndPoint at = null!;

    [SetUp]
    public void Start()
    {
        container = new TcpListener(IPAddress.Loopback, 0);
        container.Start();
        at = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
    }

    [TearDown]
    public void Stop() => container.Dispose();

    [Test]
    public async Task Connection_WhenOneSideHasFinished_StillPassesTheOtherOn()
    {
        await using var listener = Listen(new ConnectionLimit(1), Long);
        using var client = await ConnectAsync();
        using var server = await container.AcceptSocketAsync();
        await client.SendAsync(Encoding.UTF8.GetBytes("question"));
        client.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(server), Is.EqualTo("question"));
        await server.SendAsync(Encoding.UTF8.GetBytes("answer"));
        server.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(client), Is.EqualTo("answer"));
    }

    [Test]
    public async Task Connection_WithManyBytes_PassesThemUnchanged()
    {
        await using var listener = Listen(new ConnectionLimit(1), Long);
        using var client = await ConnectAsync();
        using var server = await container.AcceptSocketAsync();
        var data = new byte[20_000_000];
        Random.Shared.NextBytes(data);
        var sending = Task.Run(async () =>
        {
            await using var stream = new NetworkStream(server);
            await stream.WriteAsync(data);
            server.Shutdown(SocketShutdown.Send);
        });
        using var received = new MemoryStream();
        await new NetworkStream(client).CopyToAsync(received);
        await sending;
        Assert.That(received.ToArray().AsSpan().SequenceEqual(data), Is.True);
    }

    [Test]
    public async Task Connection_WhenContainerDoesNotListen_IsReset()
    {
        var limit = new ConnectionLimit(1);
        await using var listener = Listen(limit, Long);
        container.Stop();
        for (var i = 0; i < 3; i++)
        {
            IsReset(await TryConnectAsync());
            await Eventually.UntilAsync(() => IsFree(limit), "it counts no more");
        }
    }

    [Test]
    public async Task Connection_WhenContainerResetsIt_IsReset()
    {
        await using var listener = Listen(new ConnectionLimit(1), Long);
        using var client = await ConnectAsync();
        using (var server = await container.AcceptSocketAsync())
        {
            server.LingerState = new LingerOption(enable: true, 0);
        }

        IsReset(await EndAsync(client));
    }

    [Test]
    public async Task Connections_BeyondTheLimit_AreReset()
    {
        var all = new ConnectionLimit(3);
        var limit = new ConnectionLimit(2, all);
        await using var listener = Listen(limit, Long);
        var clients = new[] { await ConnectAsync(), await ConnectAsync() };
        using var server = await container.AcceptSocketAsync();
        using var other = await container.AcceptSocketAsync();
        for (var i = 0; i < 200; i++)
        {
            IsReset(await TryConnectAsync());
        }

        Assert.That((new ConnectionLimit(9, all).TryEnter(), new ConnectionLimit(9, all).TryEnter()), Is.EqualTo((true, false)));
        Array.ForEach(clients, c => c.Dispose());
        server.Close();
        other.Close();
        await Eventually.UntilAsync(() => IsFree(limit), "the closed ones do not count");
        using var next = await ConnectAsync();
        using var answering = await container.AcceptSocketAsync();
        await answering.SendAsync(Encoding.UTF8.GetBytes("here"));
        answering.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAllAsync(next), Is.EqualTo("here"));
    }

    [Test]
    public async Task Client_ThatNeverReads_StopsTheContainerAndIsClosed()
    {
        await using var listener = Listen(new ConnectionLimit(1), TimeSpan.FromSeconds(2));
        using var client = await ConnectAsync();
        using var server = await container.AcceptSocketAsync();
        var block = new byte[64 * 1024];
        var sent = 0L;
        var failure = Assert.CatchAsync<SocketException>(async () =>
        {
            // Far more than what the buffers of the system hold.
            while (sent < 1L << 30)
            {
                sent += await server.SendAsync(block);
            }
        });
        Assert.That(sent, Is.LessThan(64L << 20), "what is not read is not taken from the container");
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));
    }

    [Test]
    public async Task Connection_WithoutTraffic_IsReset()
    {
        await using var listener = Listen(new ConnectionLimit(1), TimeSpan.FromSeconds(1));
        using var client = await ConnectAsync();
        using var server = await container.AcceptSocketAsync();
        IsReset(await EndAsync(client));
        IsReset(await EndAsync(server));
    }

    [Test]
    public async Task Dispose_WithOpenConnections_ResetsThemAndFreesThePort()
    {
        var limit = new ConnectionLimit(1);
        var listener = Listen(limit, Long);
        using var client = await ConnectAsync();
        using var server = await container.AcceptSocketAsync();
        Assert.That(() => Listen(limit, Long), Throws.TypeOf<SocketException>(), "the port is taken");
        await listener.DisposeAsync();
        IsReset(await EndAsync(client));
        IsReset(await EndAsync(server));
        await using var again = Listen(new ConnectionLimit(1), Long);
        using var next = await ConnectAsync();
        using var answering = await container.AcceptSocketAsync();
    }

    private PortListener Listen(ConnectionLimit limit, TimeSpan idle) =>
        new(at, (IPEndPoint)container.LocalEndpoint, limit, idle, NullLogger.Instance);

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(at);
        return socket;
    }

    private static bool IsFree(ConnectionLimit limit)
    {
        if (!limit.TryEnter())
        {
            return false;
        }

        limit.Leave();
        return true;
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        var all = new StringBuilder();
        var buffer = new byte[1000];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            all.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return all.ToString();
    }

    private async Task<SocketError> TryConnectAsync()
    {
        try
        {
            using var client = await ConnectAsync();
            return await EndAsync(client);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static void IsReset(SocketError end) => Assert.That(end, Is.EqualTo(SocketError.ConnectionReset));

    // How the connection ends, without data.
    private static async Task<SocketError> EndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await socket.ReceiveAsync(new byte[1], patience.Token) == 0 ? SocketError.Success : SocketError.IsConnected;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
