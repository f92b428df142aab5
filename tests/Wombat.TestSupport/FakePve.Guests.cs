using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Wombat.TestSupport;

/// <summary>Guests of the simulated server and their operations.</summary>
public sealed partial class FakePve
{
    private JsonNode? Handle(HttpContext http, string[] path, Dictionary<string, string> form)
    {
        string? Query(string name) => http.Request.Query[name].FirstOrDefault();
        if (path is ["nodes", var asked, ..] && OfflineNodes.ContainsKey(asked))
        {
            throw new PveError(595, "No route to host");
        }

        lock (gate)
        {
            return (http.Request.Method, path) switch
            {
                ("GET", ["version"]) => new JsonObject { ["version"] = "9.0.6" },
                ("GET", ["cluster", "nextid"]) => GiveNextId(),
                ("GET", ["cluster", "resources"]) => Resources(),
                ("POST", ["nodes", Node, "lxc"]) => Create(form),
                ("POST", ["nodes", Node, "lxc", var id, "clone"]) => Clone(id, form),
                ("GET", ["nodes", var node, "tasks"]) => TaskList(node, Query("vmid"), Query("source")),
                ("GET", ["nodes", _, "tasks", var upid, "status"]) => TaskStatus(upid),
                ("GET", ["nodes", _, "tasks", var upid, "log"]) => TaskLog(
                    upid,
                    int.Parse(Query("start") ?? "0"),
                    int.Parse(Query("limit") ?? "50")
                ),
                (var method, ["nodes", var node, "lxc", var id, .. var rest]) => HandleGuest(method, node, id, rest, form, Query("force")),
                _ => throw new PveError(501, "Method not implemented"),
            };
        }
    }

    private JsonNode? HandleGuest(string method, string node, string id, string[] rest, Dictionary<string, string> form, string? force) =>
        (method, rest) switch
        {
            ("GET", ["config"]) => Config(Existing(node, id)),
            ("PUT", ["config"]) => Change(Unlocked(node, id), form),
            ("PUT", ["resize"]) => Resize(node, id, form),
            ("GET", ["status", "current"]) => Current(int.Parse(id), Existing(node, id)),
            ("GET", ["interfaces"]) => Interfaces(Existing(node, id)),
            ("POST", ["status", "start"]) => Start(node, id),
            ("POST", ["status", "shutdown" or "stop"]) => Stop(node, id),
            ("DELETE", []) => Delete(node, id, force),
            _ => throw new PveError(501, "Method not implemented"),
        };

    private JsonArray Resources() =>
        [
            .. guests.Select(g =>
                (JsonNode)
                    new JsonObject
                    {
                        ["vmid"] = g.Key,
                        ["node"] = g.Value.Node,
                        ["type"] = "lxc",
                        ["status"] = "unknown",
                        ["name"] = g.Value.Hostname,
                        ["template"] = g.Value.IsTemplate ? 1 : 0,
                        ["tags"] = g.Value.Tags,
                        ["lock"] = g.Value.Lock,
                    }
            ),
        ];

    private JsonObject Current(int id, Ct guest) =>
        new()
        {
            ["status"] = guest.Status,
            ["name"] = guest.Hostname,
            ["lock"] = guest.Lock,
            ["ha"] = new JsonObject { ["managed"] = HaManaged.ContainsKey(id) ? 1 : 0 },
        };

    private int NextId() => Enumerable.Range(100, 1000).First(i => !guests.ContainsKey(i));

    private JsonNode GiveNextId()
    {
        var id = NextId();
        if (IdsTakenByOthers > 0)
        {
            IdsTakenByOthers--;
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

        // Id and lock are set before the answer; name, marker and pool while the worker runs.
        var guest = guests[vmid] = new Ct { Lock = "create", Status = "stopped" };
        return Work(
            "vzcreate",
            Node,
            vmid.ToString(),
            () =>
            {
                guest.Hostname = form["hostname"];
                guest.Description = form.GetValueOrDefault("description", "");
                guest.Lock = null;
                if (form.GetValueOrDefault("start") == "1")
                {
                    // A task of its own, which is not reported.
                    Work("vzstart", Node, vmid.ToString(), () => guest.Status = "running", () => { });
                }
            },
            () => guests.TryRemove(vmid, out _)
        );
    }

    private JsonNode Clone(string source, Dictionary<string, string> form)
    {
        Check(form, CloneParameters);
        Unlocked(Node, source);
        var vmid = int.Parse(form["newid"]);
        if (guests.ContainsKey(vmid))
        {
            throw new PveError(500, $"unable to create CT {vmid}: config file already exists");
        }

        // As with a create, id and lock are set at once; the task has the source's id.
        guests[int.Parse(source)].Lock = "disk";
        var guest = guests[vmid] = new Ct { Lock = "create", Status = "stopped" };
        return Work(
            "vzclone",
            Node,
            source,
            () =>
            {
                guests[int.Parse(source)].Lock = null;
                var from = guests[int.Parse(source)];
                (guest.Hostname, guest.Description, guest.Tags, guest.Lock) = (
                    form["hostname"],
                    form.GetValueOrDefault("description", from.Description),
                    from.Tags,
                    null
                );
            },
            () =>
            {
                guests[int.Parse(source)].Lock = null;
                guests.TryRemove(vmid, out _);
            }
        );
    }

    private JsonNode? Change(Ct guest, Dictionary<string, string> form)
    {
        if (form.ContainsKey("tags") && RejectsTags)
        {
            throw new PveError(403, "Permission check failed: tag 'wombat' is not registered");
        }

        guest.Tags = form.GetValueOrDefault("tags") ?? guest.Tags;
        guest.Description = form.GetValueOrDefault("description") ?? guest.Description;
        guest.Memory = form.GetValueOrDefault("memory") ?? guest.Memory;
        return null;
    }

    private JsonNode? Resize(string node, string id, Dictionary<string, string> form)
    {
        var (guest, size) = (Unlocked(node, id), int.Parse(form["size"].TrimEnd('G')));
        return form["disk"] != "rootfs" ? throw new PveError(400, "Parameter verification failed.")
            : size < guest.DiskGiB ? throw new PveError(500, "unable to shrink disk size")
            : size == guest.DiskGiB ? null
            : Work("resize", node, id, () => guest.DiskGiB = size, () => { });
    }

    private JsonNode Start(string node, string id)
    {
        var guest = Unlocked(node, id);
        return HaManaged.ContainsKey(int.Parse(id)) ? WorkByHa("hastart", node, id, () => guest.Status = "running")
            : guest.Status == "running" ? throw new PveError(500, $"CT {id} already running")
            : Work("vzstart", node, id, () => guest.Status = "running", () => { });
    }

    private JsonNode Stop(string node, string id)
    {
        var guest = Unlocked(node, id);
        return HaManaged.ContainsKey(int.Parse(id)) ? WorkByHa("hastop", node, id, () => guest.Status = "stopped")
            : guest.Status != "running" ? throw new PveError(500, $"CT {id} not running")
            : Work("vzshutdown", node, id, () => guest.Status = "stopped", () => { });
    }

    private JsonNode Delete(string node, string id, string? force)
    {
        var guest = Unlocked(node, id);
        return guest.Status == "running" && force != "1"
            ? throw new PveError(500, $"CT {id} is running - destroy failed!")
            : Work("vzdestroy", node, id, () => guests.TryRemove(int.Parse(id), out _), () => { });
    }

    private static JsonNode Config(Ct guest) =>
        new JsonObject
        {
            ["hostname"] = guest.Hostname,
            ["description"] = guest.Description.Length == 0 ? null : guest.Description + "\n",
            ["tags"] = guest.Tags,
            ["lock"] = guest.Lock,
            ["memory"] = guest.Memory,
            ["rootfs"] = $"local-lvm:vm-disk-0,size={guest.DiskGiB}G",
        };

    private static JsonNode? Interfaces(Ct guest) =>
        guest.Status != "running"
            ? null
            : new JsonArray(
                new JsonObject { ["name"] = "lo", ["inet"] = "127.0.0.1/8" },
                new JsonObject { ["name"] = "eth0", ["inet"] = "192.0.2.7/24" }
            );

    private Ct Existing(string node, string id) =>
        guests.GetValueOrDefault(int.Parse(id)) is { } guest && guest.Node == node
            ? guest
            : throw new PveError(500, $"Configuration file 'nodes/{node}/lxc/{id}.conf' does not exist\n");

    private Ct Unlocked(string node, string id)
    {
        var guest = Existing(node, id);
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

    private sealed class Ct
    {
        public string Hostname { get; set; } = "";

        public string Description { get; set; } = "";

        public string? Tags { get; set; }

        public string? Lock { get; set; }

        public string? Memory { get; set; }

        public int DiskGiB { get; set; } = 8;

        public required string Status { get; set; }

        public string Node { get; set; } = FakePve.Node;

        public bool IsTemplate { get; init; }
    }
}
