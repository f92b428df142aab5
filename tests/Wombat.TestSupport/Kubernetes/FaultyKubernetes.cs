using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>A proxy before the API server that answers chosen requests itself, for what the real server does not do on request.</summary>
public sealed class FaultyKubernetes : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client;
    private readonly Uri target;
    private CancellationTokenSource streams = new();
    private int requests;

    private FaultyKubernetes(WebApplication app, HttpClient client, int port, int targetPort)
    {
        this.app = app;
        this.client = client;
        Port = port;
        target = new Uri($"https://127.0.0.1:{targetPort}");
    }

    public int Port { get; }

    /// <summary>The number of requests so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>The answer to a request, by method and path; null to pass the request on.</summary>
    public Func<string, string, FaultyAnswer?> Answer { get; set; } = (_, _) => null;

    /// <summary>As <see cref="Answer"/>, but the server has done what was requested.</summary>
    public Func<string, string, FaultyAnswer?> AnswerAfter { get; set; } = (_, _) => null;

    /// <summary>The answer to a request by its query; null to pass the request on.</summary>
    public Func<string, FaultyAnswer?> AnswerQuery { get; set; } = _ => null;

    /// <summary>Changes the query of a request that is passed on.</summary>
    public Func<string, string> ChangeQuery { get; set; } = query => query;

    /// <summary>Whether the server is asked nothing and the caller told nothing, by the query of the request.</summary>
    public Func<string, bool> IsSilent { get; set; } = _ => false;

    /// <summary>Cuts the connections of all answers that are under way, such as watches.</summary>
    public void CutStreams() => Interlocked.Exchange(ref streams, new CancellationTokenSource()).Cancel();

    public static async Task<FaultyKubernetes> StartAsync(int targetPort, TestCertificate certificate)
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        using var pem = X509Certificate2.CreateFromPem(certificate.CertificatePem, certificate.KeyPem);
        var server = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, l => l.UseHttps(server)));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509Certificate2.CreateFromPem(certificate.CaPem));
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust }, AllowAutoRedirect = false });
        var app = builder.Build();
        var proxy = new FaultyKubernetes(app, client, port, targetPort);
        app.Run(proxy.ServeAsync);
        await app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Interlocked.Increment(ref requests);
        if ((Answer(context.Request.Method, context.Request.Path) ?? AnswerQuery(context.Request.QueryString.Value ?? "")) is { } answer)
        {
            await WriteAsync(context, answer);
            return;
        }

        var query = ChangeQuery(context.Request.QueryString.Value ?? "");
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Token);
        if (IsSilent(query))
        {
            await context.Response.StartAsync(cut.Token);
            await Task.Delay(Timeout.Infinite, cut.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Abort();
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target, context.Request.Path + query));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, value) in context.Request.Headers.Where(h => h.Key is not ("Host" or "Connection" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value.ToArray());
            }
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (AnswerAfter(context.Request.Method, context.Request.Path) is { } instead)
        {
            await WriteAsync(context, instead);
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        try
        {
            await context.Response.StartAsync(cut.Token);
            await response.Content.CopyToAsync(context.Response.Body, cut.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static Task WriteAsync(HttpContext context, FaultyAnswer answer)
    {
        context.Response.StatusCode = answer.Code;
        context.Response.ContentType = "application/json";
        if (answer.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = $"{seconds}";
        }

        return context.Response.WriteAsync(answer.Body);
    }
}
