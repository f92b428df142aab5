using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Api.Page;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Page;

/// <summary>The built web page and its files over HTTP.</summary>
public sealed class WebPageTests
{
    private const string Index = "<!doctype html><title>Wombat</title><script src=\"/assets/main-1a2b.js\"></script>";
    private static readonly string Script = string.Concat(Enumerable.Repeat("console.log('wombat');\n", 100));

    private TestFolder folder = null!;
    private TestServer server = null!;
    private HttpClient browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = new TestFolder();
        Directory.CreateDirectory(System.IO.Path.Combine(folder.Path, "page", "assets"));
        Write("../outside.txt", "outside"u8.ToArray());
        Write("index.html", Encoding.UTF8.GetBytes(Index));
        Write("index.html.br", Compress(Index, s => new BrotliStream(s, CompressionLevel.Optimal)));
        Write("favicon.svg", "<svg/>"u8.ToArray());
        Write("assets/main-1a2b.js", Encoding.UTF8.GetBytes(Script));
        Write("assets/main-1a2b.js.br", Compress(Script, s => new BrotliStream(s, CompressionLevel.Optimal)));
        Write("assets/main-1a2b.js.gz", Compress(Script, s => new GZipStream(s, CompressionLevel.Optimal)));
        Write("assets/inter-3c4d.woff2", [1, 2, 3]);
        server = await TestServer.StartAsync(alter: services =>
            services.AddSingleton(PageFiles.Read(System.IO.Path.Combine(folder.Path, "page")))
        );
        browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.Address };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        browser.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [TestCase("/")]
    [TestCase("/projects/0b5a/containers?status=running&sort=name")]
    [TestCase("/setup")]
    [TestCase("/apiary")]
    [TestCase("/projects/a.b")]
    public async Task Address_OfThePage_IsTheIndexWithAStrictPolicy(string path)
    {
        using var answer = await browser.GetAsync(path);
        Assert.Multiple(async () =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(Index));
            Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/html; charset=utf-8"));
            Assert.That(answer.Headers.CacheControl?.ToString(), Is.EqualTo("no-cache"));
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"));
            Assert.That(policy, Does.Not.Contain("unsafe").And.Not.Contain("nonce").And.Contain("frame-ancestors 'none'"));
        });
    }

    [Test]
    public async Task Page_WhenItIsKnown_Is304()
    {
        using var first = await browser.GetAsync("/");
        using var again = await SendAsync("/projects", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(again.Headers.ETag, Is.EqualTo(first.Headers.ETag));
    }

    [TestCase("br, gzip", "br")]
    [TestCase("gzip, deflate", "gzip")]
    [TestCase("gzip;q=1, br;q=0", "gzip")]
    [TestCase("*", "br")]
    [TestCase("identity", null)]
    [TestCase(null, null)]
    public async Task Asset_WithAcceptEncoding_IsSentInThatFormForGood(string? accepted, string? encoding)
    {
        using var answer = await SendAsync("/assets/main-1a2b.js", accepted is null ? [] : [("Accept-Encoding", accepted)]);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        await using Stream plain = encoding switch
        {
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        Assert.Multiple(async () =>
        {
            Assert.That(answer.Content.Headers.ContentEncoding, Is.EqualTo(encoding is null ? Array.Empty<string>() : [encoding]));
            Assert.That(await new StreamReader(plain).ReadToEndAsync(), Is.EqualTo(Script));
            Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/javascript; charset=utf-8"));
            Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(bytes.Length));
            Assert.That(answer.Headers.CacheControl?.ToString(), Is.EqualTo("public, max-age=31536000, immutable"));
            Assert.That(answer.Headers.Vary, Is.EqualTo(new[] { "Accept-Encoding" }));
        });
    }

    [Test]
    public async Task Forms_OfOneFile_HaveTagsOfTheirOwn()
    {
        using var plain = await SendAsync("/assets/main-1a2b.js");
        using var compressed = await SendAsync("/assets/main-1a2b.js", ("Accept-Encoding", "br"));
        Assert.That(plain.Headers.ETag, Is.Not.Null.And.Not.EqualTo(compressed.Headers.ETag));
    }

    [TestCase("/assets/inter-3c4d.woff2", "font/woff2", "public, max-age=31536000, immutable")]
    [TestCase("/favicon.svg", "image/svg+xml", "no-cache")]
    public async Task File_WithoutCompressedForms_IsSentAsItIs(string path, string type, string caching)
    {
        using var answer = await SendAsync(path, ("Accept-Encoding", "br"));
        Assert.That(
            (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), answer.Headers.CacheControl?.ToString()),
            Is.EqualTo((HttpStatusCode.OK, type, caching))
        );
        Assert.That(answer.Headers.Vary, Is.Empty);
    }

    [Test]
    public async Task Head_OfAFile_HasTheHeadersOfGet()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/assets/main-1a2b.js");
        using var answer = await browser.SendAsync(request);
        Assert.That(
            (answer.StatusCode, answer.Content.Headers.ContentLength, (await answer.Content.ReadAsByteArrayAsync()).Length),
            Is.EqualTo((HttpStatusCode.OK, (long?)Script.Length, 0))
        );
    }

    [TestCase("/assets/main-0000.js")]
    [TestCase("/assets/")]
    [TestCase("/assets/main-1a2b.js.br")]
    [TestCase("/assets/sub/index.html")]
    public async Task Asset_ThatDoesNotExist_Is404AndNotThePage(string path)
    {
        using var answer = await browser.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain("<title>Wombat"));
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
    }

    [TestCase("/api/v1/nowhere")]
    [TestCase("/api")]
    [TestCase("/API/v2/projects")]
    [TestCase("/openapi/v9")]
    [TestCase("/health/nowhere")]
    [TestCase("/metrics/nowhere")]
    public async Task UnknownPath_OfTheApi_IsAProblemForBrowsersToo(string path)
    {
        using var anonymous = await browser.GetAsync(path);
        Assert.That(anonymous.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        var known = await server.Client.GetAsync(path, ("Accept", "text/html"));
        Assert.That((known.Status, known.ContentType), Is.EqualTo((HttpStatusCode.NotFound, "application/problem+json")), known.ToString());
    }

    [Test]
    public async Task UnknownPath_ForAProgram_IsAProblem()
    {
        var answer = await server.Client.GetAsync("/nowhere", ("Accept", "*/*"));
        Assert.That((answer.Status, answer.ContentType), Is.EqualTo((HttpStatusCode.NotFound, "application/problem+json")));
        var posted = await server.Client.PostAsync("/projects", "{}", ("Accept", "text/html"));
        Assert.That(posted.Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Method_ThatAnEndpointDoesNotHave_Is405ForBrowsersToo()
    {
        var answer = await server.Client.GetAsync($"/api/v1/jobs/{Guid.NewGuid()}/cancel", ("Accept", "text/html"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [TestCase("/../outside.txt")]
    [TestCase("/assets/../../outside.txt")]
    [TestCase("/assets/..%2f..%2foutside.txt")]
    [TestCase("/%2e%2e/outside.txt")]
    [TestCase("/assets/%2e%2e%5coutside.txt")]
    [TestCase("//outside.txt")]
    [TestCase("/assets/%00")]
    public async Task Path_ThatLeavesTheFolder_IsNoFile(string path)
    {
        // Written by hand, because a client normalizes the path.
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Client.Address.Port);
        await tcp.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
            );
        var answer = await new StreamReader(tcp.GetStream()).ReadToEndAsync();
        Assert.That(answer, Does.StartWith("HTTP/1.1 ").And.Not.Contain("\r\n\r\noutside"));
    }

    [Test]
    public async Task FirstLoad_Of400Files_IsNotRateLimited()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => SendAsync("/assets/main-1a2b.js")));
        Assert.That(answers.Select(a => a.StatusCode), Is.All.EqualTo(HttpStatusCode.OK));
        Array.ForEach(answers, a => a.Dispose());
    }

    [Test]
    public async Task Root_WithoutABuiltPage_SaysHowToBuildIt()
    {
        await using var bare = await TestServer.StartAsync();
        using var root = await browser.GetAsync(new Uri(bare.Client.Address, "/"));
        using var link = await browser.GetAsync(new Uri(bare.Client.Address, "/projects"));
        Assert.That((root.StatusCode, link.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
        Assert.That(await root.Content.ReadAsStringAsync(), Does.Contain("make page").And.Contain("href=\"/docs\""));
        Assert.That(root.Headers.CacheControl?.NoStore, Is.True);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        if (path == "/projects")
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        }

        Array.ForEach(headers, h => request.Headers.TryAddWithoutValidation(h.Name, h.Value));
        return await browser.SendAsync(request);
    }

    private void Write(string path, byte[] content) =>
        File.WriteAllBytes(System.IO.Path.GetFullPath(System.IO.Path.Combine(folder.Path, "page", path)), content);

    private static byte[] Compress(string text, Func<Stream, Stream> encoder)
    {
        using var bytes = new MemoryStream();
        using (var writer = encoder(bytes))
        {
            writer.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
