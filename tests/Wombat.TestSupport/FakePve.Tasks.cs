using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>Tasks of the simulated server: asynchronous work with a log and an exit status.</summary>
public sealed partial class FakePve
{
    // The task of a guest that HA manages ends when the request is queued.
    private JsonNode WorkByHa(string type, string node, string vmid, Action done) =>
        Work(
            type,
            node,
            vmid,
            () =>
                _ = Task.Run(async () =>
                {
                    Interlocked.Increment(ref pendingHaChanges);
                    await Task.Delay(HaTime);
                    lock (gate)
                    {
                        done();
                    }

                    Interlocked.Decrement(ref pendingHaChanges);
                }),
            () => { }
        );

    /// <param name="refusal">Why the worker ends without having done anything.</param>
    private JsonNode Work(string type, string node, string vmid, Action done, Action failed, string? refusal = null)
    {
        var upid = $"UPID:{node}:{Interlocked.Increment(ref counter):X8}:0000AAAA:66000000:{type}:{vmid}:wombat@pve!forge:";
        var task = tasks[upid] = new TaskState(type, node, vmid);
        var failure =
            FailingTasks.Count > 0 && type is "vzcreate" or "vzclone" ? FailingTasks.Dequeue() : FailingWork.GetValueOrDefault(type);
        if (refusal is not null)
        {
            (failure, failed) = (refusal, () => { });
        }

        var late = FailingAfterWork.GetValueOrDefault(type);
        _ = Task.Run(async () =>
        {
            task.Lines.Add($"{type} {vmid} works");
            await Task.Delay(WorkTime);
            lock (gate)
            {
                (failure is null ? done : failed)();
                task.Exit = failure ?? late ?? "OK";
                task.Lines.Add(task.Exit == "OK" ? "TASK OK" : $"TASK ERROR: {task.Exit}");
                task.Ended = true;
            }
        });
        return JsonValue.Create(upid);
    }

    private JsonArray TaskList(string node, string? vmid, string? source) =>
        [
            .. tasks
                .Where(t => t.Value.Node == node && (vmid is null || t.Value.Vmid == vmid) && (source != "active" || !t.Value.Ended))
                .Select(t =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["upid"] = t.Key,
                            ["type"] = t.Value.Type,
                            ["user"] = "wombat@pve",
                            ["status"] = t.Value.Ended ? t.Value.Exit : null,
                        }
                ),
        ];

    private JsonNode TaskStatus(string upid)
    {
        var task = tasks.GetValueOrDefault(upid) ?? throw new PveError(400, "no such task");
        return task.Ended
            ? new JsonObject { ["status"] = "stopped", ["exitstatus"] = task.Exit }
            : new JsonObject { ["status"] = "running" };
    }

    private JsonArray TaskLog(string upid, int start, int limit)
    {
        var lines = tasks[upid].Lines;
        return lines.Count == 0
            ? [new JsonObject { ["n"] = 1, ["t"] = "no content" }]
            : [.. lines.Skip(start).Take(limit).Select((t, i) => (JsonNode)new JsonObject { ["n"] = start + i + 1, ["t"] = t })];
    }

    private sealed class TaskState(string type, string node, string vmid)
    {
        public string Node => node;

        public string Type => type;

        public string Vmid => vmid;

        public List<string> Lines { get; } = [];

        public bool Ended { get; set; }

        public string Exit { get; set; } = "";
    }
}
