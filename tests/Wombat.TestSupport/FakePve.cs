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
/// The part of Proxmox VE's API that forge uses, with its ugly rules: nextid reserves nothing, start=1 lies, only the text
/// tells conflict from lock, the marker and the pool come last, 401 takes 3 s, and a create may go unheard.
/// </summary>
public sealed class FakePve : IAsyncDisposable
{
    public const string Token = "wombat@pve!forge=0123-secret";
    private const string Node = "pve1";

    private static readonly HashSet<string> CreateParameters = ["vmid", "ostemplate", "hostname", "rootfs", "cores", "memory", "unprivileged", "start", "description", "pool", "net0", "ssh-public-keys"];
    private static readonly HashSet<string> CloneParameters = ["newid", "hostname", "full", "description", "storage", "pool"];

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<int, Ct> guests = new();
    private readonly ConcurrentDictionary<string, TaskState> tasks = new();
    private readonly Lock gate = new();
    private int counter;

    private FakePve(WebApplication app, int port, X509Certificate2 certificate)
    {
        this.app = app;
        Url = $"https://127.0.0.1:{port}";
        Fingerprint = Convert.ToHexString(SHA256.HashData(certificate.RawData));
        CaPem = certificate.ExportCertificatePem();
        guests[9000] = new Ct { Hostname = "template", Status = "stopped", IsTemplate = true };
    }

    public string Url { get; }

    public string Fingerprint { get; }

    public string CaPem { get; }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>How long a worker takes.</summary>
    public TimeSpan WorkTime { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>The next so many creates happen, but the connection breaks before the answer.</summary>
    public int UnheardCreates { get; set; }

    /// <summary>The next so many starts are never begun, nor answered.</summary>
    public int IgnoredStarts { get; set; }

    /// <summary>The next so many ids given by nextid go to a stranger before the caller posts.</summary>
    public int StolenIds { get; set; }

    /// <summary>The next so many changes find the guest locked.</summary>
    public int LockedAnswers { get; set; }

    /// <summary>The next so many workers fail with this text.</summary>
    public Queue<string> FailingTasks { get; } = new();

    /// <summary>Whether errors are told in the body, as since 2025, or in the reason phrase alone.</summary>
    public bool TellsInBody { get; set; } = true;

    public bool RefusesTags { get; set; }

    /// <summary>Ids of guests that bear a marker of forge's, strangers left out.</summary>
    public IReadOnlyDictionary<int, string> Ours => guests.Where(g => g.Value.Description.StartsWith("wombat-key: ", StringComparison.Ordinal)).ToDictionary(g => g.Key, g => g.Value.Status);

    /// <summary>The memory of each of ours, as it was set after its making.</summary>
    public IReadOnlyList<string?> MemoryOfOurs => [.. guests.Where(g => Ours.ContainsKey(g.Key)).Select(g => g.Value.Memory)];

    public int StrangerCount => guests.Count(g => g.Value.Hostname == "stranger");

    public static async Task<FakePve> StartAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pve1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = X509CertificateLoader.LoadPkcs12(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)).Export(X509ContentType.Pfx), null);
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

    /// <summary>What forge needs in its environment to reach it.</summary>
    public Dictionary<string, string> Environment() => new(StringComparer.Ordinal)
    {
        ["FORGE_BACKEND"] = "pve",
        ["FORGE_PVE_URL"] = Url,
        ["FORGE_PVE_NODE"] = Node,
        ["FORGE_PVE_TOKEN"] = Token,
        ["FORGE_PVE_FINGERPRINT"] = Fingerprint,
        ["FORGE_PVE_POOL"] = "wombat",
        ["FORGE_PVE_TEMPLATES"] = "debian-12=local:vztmpl/debian-12.tar.zst,golden=clone:9000",
    };

    public int AddStranger()
    {
        lock (gate)
        {
            var id = NextId();
            guests[id] = new Ct { Hostname = "stranger", Status = "running" };
            return id;
        }
    }

    public void StopBehindItsBack(int id) => guests[id].Status = "stopped";

    public void RemoveBehindItsBack(int id) => guests.TryRemove(id, out _);

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

        var form = http.Request.HasFormContentType ? (await http.Request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString()) : [];
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
            if (http.Request.Method == "POST" && path.Split('/')[^1] is "lxc" or "clone" && UnheardCreates > 0)
            {
                UnheardCreates--;
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

    private JsonNode? Handle(HttpContext http, string[] path, Dictionary<string, string> form)
    {
        string? Query(string name) => http.Request.Query[name].FirstOrDefault();
        lock (gate)
        {
            return (http.Request.Method, path) switch
            {
                ("GET", ["version"]) => new JsonObject { ["version"] = "9.0.6" },
                ("GET", ["cluster", "nextid"]) => GiveNextId(),
                ("GET", ["cluster", "resources"]) => new JsonArray([.. guests.Select(g => (JsonNode)new JsonObject { ["vmid"] = g.Key, ["node"] = Node, ["type"] = "lxc", ["status"] = "unknown", ["name"] = g.Value.Hostname, ["template"] = g.Value.IsTemplate ? 1 : 0, ["tags"] = g.Value.Tags, ["lock"] = g.Value.Lock })]),
                ("POST", ["nodes", Node, "lxc"]) => Create(form),
                ("POST", ["nodes", Node, "lxc", var id, "clone"]) => Clone(id, form),
                ("GET", ["nodes", Node, "lxc", var id, "config"]) => Config(Existing(id)),
                ("PUT", ["nodes", Node, "lxc", var id, "config"]) => Change(Unlocked(id), form),
                ("GET", ["nodes", Node, "lxc", var id, "status", "current"]) => new JsonObject { ["status"] = Existing(id).Status, ["name"] = Existing(id).Hostname, ["lock"] = Existing(id).Lock },
                ("GET", ["nodes", Node, "lxc", var id, "interfaces"]) => Interfaces(Existing(id)),
                ("POST", ["nodes", Node, "lxc", var id, "status", "start"]) => Start(id),
                ("POST", ["nodes", Node, "lxc", var id, "status", "shutdown" or "stop"]) => Stop(id),
                ("DELETE", ["nodes", Node, "lxc", var id]) => Delete(id, Query("force")),
                ("GET", ["nodes", Node, "tasks"]) => new JsonArray([.. tasks.Where(t => (Query("vmid") is not { } v || t.Value.Vmid == v) && (Query("source") != "active" || !t.Value.Ended)).Select(t => (JsonNode)new JsonObject { ["upid"] = t.Key, ["type"] = t.Value.Type, ["user"] = "wombat@pve", ["status"] = t.Value.Ended ? t.Value.Exit : null })]),
                ("GET", ["nodes", Node, "tasks", var upid, "status"]) => TaskStatus(upid),
                ("GET", ["nodes", Node, "tasks", var upid, "log"]) => TaskLog(upid, int.Parse(Query("start") ?? "0"), int.Parse(Query("limit") ?? "50")),
                _ => throw new PveError(501, "Method not implemented"),
            };
        }
    }

    private int NextId() => Enumerable.Range(100, 1000).First(i => !guests.ContainsKey(i));

    private JsonNode GiveNextId()
    {
        var id = NextId();
        if (StolenIds > 0)
        {
            StolenIds--;
            guests[id] = new Ct { Hostname = "stranger", Status = "running" };
        }

        return JsonValue.Create(id.ToString());
    }

    private JsonNode Create(Dictionary<string, string> form)
    {
        Check(form, CreateParameters);
        var vmid = int.Parse(form["vmid"]);
        if (guests.ContainsKey(vmid))
        {
            throw new PveError(500, $"CT {vmid} already exists on node '{Node}'\n");
        }

        // Id and lock are taken before the answer; name, marker and pool come while the worker runs.
        var guest = guests[vmid] = new Ct { Lock = "create", Status = "stopped" };
        return Work("vzcreate", vmid.ToString(), () =>
        {
            guest.Hostname = form["hostname"];
            guest.Description = form.GetValueOrDefault("description", "");
            guest.Lock = null;
            if (form.GetValueOrDefault("start") == "1")
            {
                // A task of its own that nobody is told of.
                Work("vzstart", vmid.ToString(), () => guest.Status = "running", () => { });
            }
        }, () => guests.TryRemove(vmid, out _));
    }

    private JsonNode Clone(string source, Dictionary<string, string> form)
    {
        Check(form, CloneParameters);
        Unlocked(source);
        var vmid = int.Parse(form["newid"]);
        if (guests.ContainsKey(vmid))
        {
            throw new PveError(500, $"unable to create CT {vmid}: config file already exists");
        }

        // As with a create, id and lock are taken at once; the task bears the source's id.
        guests[int.Parse(source)].Lock = "disk";
        var guest = guests[vmid] = new Ct { Lock = "create", Status = "stopped" };
        return Work("vzclone", source, () =>
        {
            guests[int.Parse(source)].Lock = null;
            (guest.Hostname, guest.Description, guest.Lock) = (form["hostname"], form.GetValueOrDefault("description", ""), null);
        }, () =>
        {
            guests[int.Parse(source)].Lock = null;
            guests.TryRemove(vmid, out _);
        });
    }

    private JsonNode? Change(Ct guest, Dictionary<string, string> form)
    {
        if (form.ContainsKey("tags") && RefusesTags)
        {
            throw new PveError(403, "Permission check failed: tag 'wombat' is not registered");
        }

        guest.Tags = form.GetValueOrDefault("tags") ?? guest.Tags;
        guest.Description = form.GetValueOrDefault("description") ?? guest.Description;
        guest.Memory = form.GetValueOrDefault("memory") ?? guest.Memory;
        return null;
    }

    private JsonNode Start(string id)
    {
        var guest = Unlocked(id);
        return guest.Status == "running" ? throw new PveError(500, $"CT {id} already running") : Work("vzstart", id, () => guest.Status = "running", () => { });
    }

    private JsonNode Stop(string id)
    {
        var guest = Unlocked(id);
        return guest.Status != "running" ? throw new PveError(500, $"CT {id} not running") : Work("vzshutdown", id, () => guest.Status = "stopped", () => { });
    }

    private JsonNode Delete(string id, string? force)
    {
        var guest = Unlocked(id);
        return guest.Status == "running" && force != "1"
            ? throw new PveError(500, $"CT {id} is running - destroy failed!")
            : Work("vzdestroy", id, () => guests.TryRemove(int.Parse(id), out _), () => { });
    }

    private JsonNode Work(string type, string vmid, Action done, Action failed)
    {
        var upid = $"UPID:{Node}:{Interlocked.Increment(ref counter):X8}:0000AAAA:66000000:{type}:{vmid}:wombat@pve!forge:";
        var task = tasks[upid] = new TaskState(type, vmid);
        var failure = FailingTasks.Count > 0 && type is "vzcreate" or "vzclone" ? FailingTasks.Dequeue() : null;
        _ = Task.Run(async () =>
        {
            task.Lines.Add($"{type} {vmid} works");
            await Task.Delay(WorkTime);
            lock (gate)
            {
                (failure is null ? done : failed)();
                task.Exit = failure ?? "OK";
                task.Lines.Add(failure is null ? "TASK OK" : $"TASK ERROR: {failure}");
                task.Ended = true;
            }
        });
        return JsonValue.Create(upid);
    }

    private JsonNode TaskStatus(string upid)
    {
        var task = tasks.GetValueOrDefault(upid) ?? throw new PveError(400, "no such task");
        return task.Ended ? new JsonObject { ["status"] = "stopped", ["exitstatus"] = task.Exit } : new JsonObject { ["status"] = "running" };
    }

    private JsonArray TaskLog(string upid, int start, int limit)
    {
        var lines = tasks[upid].Lines;
        return lines.Count == 0 ? [new JsonObject { ["n"] = 1, ["t"] = "no content" }] : [.. lines.Skip(start).Take(limit).Select((t, i) => (JsonNode)new JsonObject { ["n"] = start + i + 1, ["t"] = t })];
    }

    private static JsonNode Config(Ct guest) => new JsonObject { ["hostname"] = guest.Hostname, ["description"] = guest.Description.Length == 0 ? null : guest.Description + "\n", ["tags"] = guest.Tags, ["lock"] = guest.Lock };

    private static JsonNode? Interfaces(Ct guest) => guest.Status != "running" ? null : new JsonArray(
        new JsonObject { ["name"] = "lo", ["inet"] = "127.0.0.1/8" }, new JsonObject { ["name"] = "eth0", ["inet"] = "192.0.2.7/24" });

    private Ct Existing(string id) => guests.GetValueOrDefault(int.Parse(id)) ?? throw new PveError(500, $"Configuration file 'nodes/{Node}/lxc/{id}.conf' does not exist\n");

    private Ct Unlocked(string id)
    {
        var guest = Existing(id);
        if (LockedAnswers > 0)
        {
            LockedAnswers--;
            throw new PveError(500, $"can't lock file '/run/lock/lxc/pve-config-{id}.lock' - got timeout");
        }

        return guest.Lock is null ? guest : throw new PveError(500, $"CT is locked ({guest.Lock})");
    }

    private static void Check(Dictionary<string, string> form, HashSet<string> known)
    {
        if (form.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
        {
            throw new PveError(400, "Parameter verification failed.", unknown);
        }
    }

    private async Task FailAsync(HttpContext http, int status, string message, string? field = null)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.Connection = "close";
        http.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = message.Trim();
        var body = new JsonObject { ["data"] = null };
        if (TellsInBody)
        {
            body["message"] = message;
        }

        if (field is not null)
        {
            body["errors"] = new JsonObject { [field] = "property is not defined in schema" };
        }

        await http.Response.WriteAsJsonAsync(body);
    }

    private sealed class Ct
    {
        public string Hostname { get; set; } = "";

        public string Description { get; set; } = "";

        public string? Tags { get; set; }

        public string? Lock { get; set; }

        public string? Memory { get; set; }

        public required string Status { get; set; }

        public bool IsTemplate { get; init; }
    }

    private sealed class TaskState(string type, string vmid)
    {
        public string Type => type;

        public string Vmid => vmid;

        public List<string> Lines { get; } = [];

        public bool Ended { get; set; }

        public string Exit { get; set; } = "";
    }

    private sealed class PveError(int status, string message, string? parameter = null) : Exception(message)
    {
        public int Status => status;

        public string? Field => parameter;
    }
}
