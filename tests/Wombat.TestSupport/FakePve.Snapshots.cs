using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>Snapshots of the guests of the simulated server.</summary>
public sealed partial class FakePve
{
    private static readonly HashSet<string> SnapshotParameters = ["snapname", "description"];

    /// <summary>Whether the storage rolls back to the newest snapshot only, as ZFS does.</summary>
    public bool RollsBackToNewestOnly { get; set; }

    /// <summary>Whether a rollback that fails has begun to change the guest, so that it stays locked.</summary>
    public bool FailedRollbacksLock { get; set; }

    /// <summary>What the files of a guest contain.</summary>
    public string FilesOf(int id) => guests[id].Files;

    public void WriteFiles(int id, string content) => guests[id].Files = content;

    /// <summary>An administrator unlocks the guest after work that failed.</summary>
    public void UnlockExternally(int id) => guests[id].Lock = null;

    public (string? Cores, string? Memory, int DiskGiB) SizeOf(int id) => (guests[id].Cores, guests[id].Memory, guests[id].DiskGiB);

    public IReadOnlyList<string> SnapshotsOf(int id)
    {
        lock (gate)
        {
            return [.. guests[id].Snapshots.Keys];
        }
    }

    /// <summary>A snapshot that somebody makes in the web interface of Proxmox VE.</summary>
    /// <param name="state">prepare for one that was never completed.</param>
    public void SnapshotExternally(int id, string name, string description, string? state = null)
    {
        lock (gate)
        {
            guests[id].Snapshots[name] = CtSnapshot.Of(guests[id], description, ++counter, state);
        }
    }

    private JsonNode? HandleSnapshot(string method, string node, string id, string[] rest, Dictionary<string, string> form) =>
        (method, rest) switch
        {
            ("GET", []) => SnapshotList(Existing(node, id)),
            ("POST", []) => TakeSnapshot(node, id, form),
            ("POST", [var name, "rollback"]) => RollBack(node, id, name),
            ("DELETE", [var name]) => DeleteSnapshot(node, id, name),
            _ => throw new PveError(501, "Method not implemented"),
        };

    private static JsonArray SnapshotList(Ct guest) =>
        [
            .. guest.Snapshots.Select(s =>
                (JsonNode)
                    new JsonObject
                    {
                        ["name"] = s.Key,
                        ["snaptime"] = 1700000000 + s.Value.Number,
                        ["description"] = s.Value.Description.Length == 0 ? "" : s.Value.Description + "\n",
                        ["snapstate"] = s.Value.State,
                    }
            ),
            new JsonObject
            {
                ["name"] = "current",
                ["digest"] = guest.Digest,
                ["running"] = guest.Status == "running" ? 1 : 0,
                ["description"] = "You are here!",
            },
        ];

    // The checks are made by the worker, so that a refusal is the end of a task.
    private JsonNode TakeSnapshot(string node, string id, Dictionary<string, string> form)
    {
        Check(form, SnapshotParameters);
        var (guest, name) = (Existing(node, id), form["snapname"]);
        var refusal = LockOf(guest) ?? (guest.Snapshots.ContainsKey(name) ? $"snapshot name '{name}' already used" : null);
        if (refusal is null)
        {
            guest.Lock = "snapshot";
            guest.Snapshots[name] = CtSnapshot.Of(guest, form.GetValueOrDefault("description", ""), ++counter, "prepare");
        }

        return Work(
            "vzsnapshot",
            node,
            id,
            () => (guest.Lock, guest.Snapshots[name].State) = (null, null),
            () =>
            {
                guest.Lock = null;
                guest.Snapshots.Remove(name);
            },
            refusal
        );
    }

    private JsonNode DeleteSnapshot(string node, string id, string name)
    {
        var guest = Existing(node, id);
        var refusal = LockOf(guest) ?? (guest.Snapshots.ContainsKey(name) ? null : $"snapshot '{name}' does not exist");
        if (refusal is null)
        {
            guest.Lock = "snapshot-delete";
        }

        return Work(
            "vzdelsnapshot",
            node,
            id,
            () =>
            {
                guest.Lock = null;
                guest.Snapshots.Remove(name);
            },
            () => guest.Lock = null,
            refusal
        );
    }

    private JsonNode RollBack(string node, string id, string name)
    {
        var guest = Existing(node, id);
        var snapshot = guest.Snapshots.GetValueOrDefault(name);
        var refusal =
            snapshot is null ? $"snapshot '{name}' does not exist"
            : RollsBackToNewestOnly && guest.Snapshots.Values.Any(s => s.Number > snapshot.Number)
                ? $"can't rollback, '{name}' is not most recent snapshot on 'local-zfs:subvol-{id}-disk-0'"
            : snapshot.State is not null ? $"unable to rollback to incomplete snapshot (snapstate = {snapshot.State})"
            : LockOf(guest);
        if (refusal is null)
        {
            (guest.Status, guest.Lock) = ("stopped", "rollback");
        }

        return Work(
            "vzrollback",
            node,
            id,
            () =>
            {
                guest.Lock = null;
                snapshot!.ApplyTo(guest);
            },
            () => guest.Lock = FailedRollbacksLock ? "rollback" : null,
            refusal
        );
    }

    private static string? LockOf(Ct guest) => guest.Lock is null ? null : $"CT is locked ({guest.Lock})";

    private sealed class CtSnapshot
    {
        public required string Description { get; init; }

        public required int Number { get; init; }

        public string? State { get; set; }

        private string Files { get; init; } = "";

        private string? Tags { get; init; }

        private string? Memory { get; init; }

        private string? Cores { get; init; }

        private int DiskGiB { get; init; }

        public static CtSnapshot Of(Ct guest, string description, int number, string? state) =>
            new()
            {
                Description = description,
                Number = number,
                State = state,
                Files = guest.Files,
                Tags = guest.Tags,
                Memory = guest.Memory,
                Cores = guest.Cores,
                DiskGiB = guest.DiskGiB,
            };

        // The description of the guest is not part of a snapshot.
        public void ApplyTo(Ct guest) =>
            (guest.Files, guest.Tags, guest.Memory, guest.Cores, guest.DiskGiB) = (Files, Tags, Memory, Cores, DiskGiB);
    }
}
