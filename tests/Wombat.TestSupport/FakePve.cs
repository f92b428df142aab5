using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Wombat.TestSupport;

/// <summary>
/// A simulation of the part of the Proxmox VE API that forge uses, with its irregular behavior: nextid reserves nothing, start=1 starts in
/// a second task, only the error text distinguishes a conflict from a lock, marker and pool are set last, 401 takes 3 s, the answer to a
/// create may be lost, nodes are offline, a clone copies notes and tags, the tasks of guests that HA manages end when the request is
/// queued, and a rollback kills the guest and gives it the sizes and tags of the snapshot.
/// </summary>
public sealed partial class FakePve : IAsyncDisposable
{
    public const string Token = "wombat@pve!forge=0123-secret";
    public const string Node = "pve1";
    public const string OtherNode = "pve2";

    private static readonly HashSet<string> CreateParameters =
    [
        "vmid",
        "ostemplate",
        "hostname",
        "rootfs",
        "cores",
        "memory",
        "unprivileged",
        "start",
        "description",
        "pool",
        "net0",
        "ssh-public-keys",
    ];
    private static readonly HashSet<string> CloneParameters = ["newid", "target", "hostname", "full", "description", "storage", "pool"];

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<int, Ct> guests = new();
    private readonly ConcurrentDictionary<string, TaskState> tasks = new();
    private readonly Lock gate = new();
    private int counter;
    private int pendingHaChanges;

    private FakePve(WebApplication app, int port, X509Certificate2 certificate)
    {
        this.app = app;
        Url = $"https://127.0.0.1:{port}";
        Fingerprint = Convert.ToHexString(SHA256.HashData(certificate.RawData));
        CaPem = certificate.ExportCertificatePem();
        guests[9000] = new Ct
        {
            Hostname = "template",
            Status = "stopped",
            IsTemplate = true,
        };
    }

    public string Url { get; }

    public string Fingerprint { get; }

    public string CaPem { get; }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>How long a worker takes.</summary>
    public TimeSpan WorkTime { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>The number of next creates that succeed without an answer, since the connection breaks.</summary>
    public int UnansweredCreates { get; set; }

    /// <summary>
    /// Requests whose next one is executed but not answered: the method and the last part of the path, such as <c>POST rollback</c>.
    /// </summary>
    public ConcurrentDictionary<string, bool> Unanswered { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of next starts that are neither executed nor answered.</summary>
    public int IgnoredStarts { get; set; }

    /// <summary>The number of next ids from nextid that another client uses first.</summary>
    public int IdsTakenByOthers { get; set; }

    /// <summary>The number of next changes that find the guest locked.</summary>
    public int LockedAnswers { get; set; }

    /// <summary>Error texts of the next workers.</summary>
    public Queue<string> FailingTasks { get; } = new();

    /// <summary>Workers of these types (vzdestroy, vzstart …) fail with the text and change nothing.</summary>
    public ConcurrentDictionary<string, string> FailingWork { get; } = new(StringComparer.Ordinal);

    /// <summary>Workers of these types make the change and then fail with the text.</summary>
    public ConcurrentDictionary<string, string> FailingAfterWork { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of next requests that a gateway answers because it cannot reach the API.</summary>
    public int GatewayErrors { get; set; }

    public int GatewayStatus { get; set; } = 502;

    /// <summary>Guests managed by HA: their tasks end at once, and the state changes after <see cref="HaTime"/>.</summary>
    public ConcurrentDictionary<int, bool> HaManaged { get; } = new();

    public TimeSpan HaTime { get; set; } = TimeSpan.FromMilliseconds(800);

    /// <summary>How many state changes HA has accepted and not yet made.</summary>
    public int PendingHaChanges => pendingHaChanges;

    /// <summary>Whether error messages are in the body, as since 2025, or in the reason phrase only.</summary>
    public bool ErrorsInBody { get; set; } = true;

    public bool RejectsTags { get; set; }

    /// <summary>Guests with a marker of forge, by id.</summary>
    public IReadOnlyDictionary<int, string> OwnGuests =>
        guests
            .Where(g => g.Value.Description.Contains("wombat-key: ", StringComparison.Ordinal))
            .ToDictionary(g => g.Key, g => g.Value.Status);

    /// <summary>The memory of each guest of forge, as set after its creation.</summary>
    public IReadOnlyList<int> DisksOfOwnGuests => [.. guests.Where(g => OwnGuests.ContainsKey(g.Key)).Select(g => g.Value.DiskGiB)];

    public IReadOnlyList<string?> MemoryOfOwnGuests => [.. guests.Where(g => OwnGuests.ContainsKey(g.Key)).Select(g => g.Value.Memory)];

    public int ForeignGuestCount => guests.Count(g => g.Value.Hostname == "stranger");

    public static async Task<FakePve> StartAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pve1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = X509CertificateLoader.LoadPkcs12(
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)).Export(X509ContentType.Pfx),
            null
        );
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, l => l.UseHttps(certificate)));
        var app = builder.Build();
        var fake = new FakePve(app, port, certificate);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>Environment variables with which forge reaches the server.</summary>
    public Dictionary<string, string> Environment() =>
        new(StringComparer.Ordinal)
        {
            ["FORGE_BACKEND"] = "pve",
            ["FORGE_PVE_URL"] = Url,
            ["FORGE_PVE_NODE"] = Node,
            ["FORGE_PVE_TOKEN"] = Token,
            ["FORGE_PVE_FINGERPRINT"] = Fingerprint,
            ["FORGE_PVE_POOL"] = "wombat",
            ["FORGE_PVE_TEMPLATES"] = "debian-12=local:vztmpl/debian-12.tar.zst,golden=clone:9000",
        };

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.Replace("/api2/json/", "", StringComparison.Ordinal);
        Requests.Enqueue($"{http.Request.Method} {path}");
        if (http.Request.Headers.Authorization.ToString() != $"PVEAPIToken={Token}")
        {
            await Task.Delay(3000);
            http.Response.StatusCode = 401;
            http.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = "authentication failure";
            return;
        }

        if (GatewayErrors > 0)
        {
            GatewayErrors--;
            http.Response.StatusCode = GatewayStatus;
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("<html><head><title>502 Bad Gateway</title></head></html>");
            return;
        }

        var form = http.Request.HasFormContentType
            ? (await http.Request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString())
            : [];
        if (http.Request.Method is "GET" or "DELETE" && http.Request.ContentLength > 0)
        {
            await FailAsync(http, 501, "Unexpected content for method");
            return;
        }

        if (path.EndsWith("/status/start", StringComparison.Ordinal) && IgnoredStarts > 0)
        {
            IgnoredStarts--;
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        try
        {
            var data = Handle(http, path.Split('/'), form);
            if (http.Request.Method == "POST" && path.Split('/')[^1] is "lxc" or "clone" && UnansweredCreates > 0)
            {
                UnansweredCreates--;
                http.Abort();
                return;
            }

            if (Unanswered.TryRemove($"{http.Request.Method} {path.Split('/')[^1]}", out _))
            {
                http.Abort();
                return;
            }

            await http.Response.WriteAsJsonAsync(new JsonObject { ["data"] = data });
        }
        catch (PveError e)
        {
            await FailAsync(http, e.Status, e.Message, e.Field);
        }
    }

    private async Task FailAsync(HttpContext http, int status, string message, string? field = null)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Connection = "close";
        http.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = message.Trim();
        var body = new JsonObject { ["data"] = null };
        if (ErrorsInBody)
        {
            body["message"] = message;
        }

        if (field is not null)
        {
            body["errors"] = new JsonObject { [field] = "property is not defined in schema" };
        }

        await http.Response.WriteAsJsonAsync(body);
    }

    private sealed class PveError(int status, string message, string? parameter = null) : Exception(message)
    {
        public int Status => status;

        public string? Field => parameter;
    }
}
