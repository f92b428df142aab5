using System.Buffers;
using System.Globalization;
using System.Text;

namespace Wombat.Api.Live;

/// <summary>Writes text/event-stream. Each write waits for the client, so that a slow client does not use memory.</summary>
internal sealed class EventStreamWriter(HttpResponse response, TimeProvider clock)
{
    /// <summary>The maximum time without output.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private const string Comment = ":\n\n";

    private long saidAt;

    public async Task StartAsync(CancellationToken cancel)
    {
        await LiveResponse.BeginAsync(response, "text/event-stream; charset=utf-8", cancel);
        await WriteAsync(Comment, cancel);
    }

    public Task SendAsync(long id, string data, CancellationToken cancel) => SendAsync(id, Encoding.UTF8.GetBytes(data), cancel);

    /// <param name="data">One line of UTF-8.</param>
    public async Task SendAsync(long id, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        var body = response.BodyWriter;
        body.Write(Encoding.UTF8.GetBytes($"id: {id.ToString(CultureInfo.InvariantCulture)}\ndata: "));
        body.Write(data.Span);
        body.Write("\n\n"u8);
        await body.FlushAsync(cancel);
        saidAt = clock.GetTimestamp();
    }

    public Task SendAsync(long id, string name, string data, CancellationToken cancel) =>
        WriteAsync($"id: {id.ToString(CultureInfo.InvariantCulture)}\nevent: {name}\ndata: {data}\n\n", cancel);

    public Task SendAsync(string name, string data, CancellationToken cancel) => WriteAsync($"event: {name}\ndata: {data}\n\n", cancel);

    /// <summary>
    /// Sends a comment if nothing was sent for a while, so that proxies keep the connection and a closed connection is noticed.
    /// </summary>
    public Task KeepAliveAsync(CancellationToken cancel) =>
        clock.GetElapsedTime(saidAt) >= KeepAlive ? WriteAsync(Comment, cancel) : Task.CompletedTask;

    private async Task WriteAsync(string text, CancellationToken cancel)
    {
        await response.WriteAsync(text, Encoding.UTF8, cancel);
        await response.Body.FlushAsync(cancel);
        saidAt = clock.GetTimestamp();
    }
}
