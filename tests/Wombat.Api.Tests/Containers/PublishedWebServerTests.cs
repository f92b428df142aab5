using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>Published ports of real containers.</summary>
[Category("Slow")]
public sealed class PublishedWebServerTests : InsideTestBase
{
    private static readonly HttpClient Browser = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });
    private readonly int first = FreePort.Row(20);

    protected override IReadOnlyDictionary<string, string> MoreSettings =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["PUBLISH_PORTS"] = $"{first}-{first + 19}" };

    [Test]
    public async Task WebServer_InAContainer_AnswersAtItsUrlWhileItRuns()
    {
        const string Ports = ""","ports":[{"container":8080},{"container":81,"host":"auto"}]""";
        var (path, job) = await Client.CreateContainerAsync(Project, more: Ports);
        var assigned = (await Client.GetAsync(path)).Body!["ports"]!.AsArray().Select(p => (int)p!["host"]!).ToArray();
        Assert.That(assigned, Is.Unique.And.All.InRange(first, first + 19));
        Assert.That((string)(await Client.WaitForJobAsync(job))["status"]!, Is.EqualTo("succeeded"));
        var name = (string)(await Client.GetAsync(path)).Body!["external_id"]!;
        var url = await UrlAsync(path);
        Assert.That(url, Is.EqualTo($"http://127.0.0.1:{assigned[0]}"));
        await ServeAsync(name, "one");
        Assert.That(await Browser.GetStringAsync(new Uri(url)), Is.EqualTo("one\n"));
        Assert.That(
            async () => await Browser.GetStringAsync(new Uri($"http://127.0.0.1:{assigned[1]}")),
            Throws.InstanceOf<HttpRequestException>(),
            "nothing listens at port 81 inside"
        );

        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/stop")).Location!);
        await Eventually.UntilAsync(() => IsClosed(assigned[0]), "the port is closed while the container is stopped");
        Assert.That((await Client.GetAsync(path)).Body!["ports"]![0]!["url"], Is.Null);
        await Client.WaitForJobAsync((await Client.PostAsync($"{path}/start")).Location!);
        Assert.That(await UrlAsync(path), Is.EqualTo(url));
        await ServeAsync(name, "two");
        Assert.That(await Browser.GetStringAsync(new Uri(url)), Is.EqualTo("two\n"));

        await Client.WaitForJobAsync((await Client.DeleteAsync(path)).Location!);
        await Eventually.UntilAsync(() => IsClosed(assigned[0]), "the port is closed when the container is deleted");
        var (next, _) = await Client.CreateContainerAsync(Project, more: $$""","ports":[{"container":8080,"host":{{assigned[0]}}}]""");
        Assert.That((int)(await Client.GetAsync(next)).Body!["ports"]![0]!["host"]!, Is.EqualTo(assigned[0]), "the port is free again");
    }

    private async Task ServeAsync(string name, string text)
    {
        var script = $"mkdir -p /www; echo {text} >/www/index.html; httpd -p 8080 -h /www";
        var started = await Lxc.RunAsync(
            "lxc-attach",
            ["-P", Path.Combine(Server.DataDirectory, "lxc"), "-n", name, "--clear-env", "--", "/bin/sh", "-c", script]
        );
        Assert.That(started.ExitCode, Is.Zero, started.ErrorTail);
    }

    private async Task<string> UrlAsync(string path) =>
        (string)
            (
                await Eventually.GetAsync(
                    () => Client.GetAsync(path),
                    a => a.Body!["ports"]![0]!["url"] is JsonValue,
                    "the port is published"
                )
            ).Body!["ports"]![0]!["url"]!;

    private static bool IsClosed(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
