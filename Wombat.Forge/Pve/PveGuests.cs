using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Finds guests. A guest belongs to Wombat if and only if its description contains a key: ids are reused, and anybody may change
/// tags, name and pool.
/// </summary>
internal sealed class PveGuests(PveClient client, PveSettings settings, PveNodes nodes)
{
    public const string Tag = "wombat";

    /// <summary>The delay before a retry.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(400);

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 8 };

    public static string? GetText(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? value.ToString()
            : null;

    /// <summary>
    /// Lists all guests, including those of others. A guest that cannot be read has a reason; a node that is down affects no other node.
    /// </summary>
    public async Task<IReadOnlyList<PveGuest>> ScanAsync(CancellationToken cancel)
    {
        var found = new ConcurrentBag<PveGuest>();
        var away = (await nodes.ReadAsync(cancel)).Where(n => n.IsAway).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            (await ListAsync(cancel)).GroupBy(g => g.Node, StringComparer.Ordinal),
            new ParallelOptions { CancellationToken = cancel },
            async (node, token) =>
            {
                // Reads one guest first: each call to a node that is down can take 30 s, and the cluster needs a while to notice it.
                var guests = node.ToList();
                var first = away.Contains(node.Key) ? Unreachable(guests[0], "it is offline") : await TryReadAsync(guests[0], token);
                found.Add(first);
                await Parallel.ForEachAsync(
                    guests.Skip(1),
                    Parallelism,
                    async (guest, token) =>
                        found.Add(
                            first.IsUnreachable
                                ? guest with
                                {
                                    UnreadableReason = first.UnreadableReason,
                                    IsUnreachable = true,
                                }
                                : await TryReadAsync(guest, token)
                        )
                );
            }
        );
        return [.. found.Where(g => g.Node.Length > 0).OrderBy(g => g.Vmid.Length).ThenBy(g => g.Vmid, StringComparer.Ordinal)];
    }

    /// <param name="key">Null for any key.</param>
    /// <exception cref="ForgeException">NotFound: the guest does not exist or does not belong to Wombat.</exception>
    /// <exception cref="PveException">The guest cannot be read, so its key is unknown.</exception>
    public async Task<PveGuest> GetAsync(string id, string? key, CancellationToken cancel) =>
        await TryGetAsync(id, key, cancel)
        ?? throw new ForgeException(ExitCode.NotFound, $"Wombat has no container {id}{(key is null ? "" : $" with the key {key}")}");

    /// <summary>Null if the guest does not exist, has another key, or has no key.</summary>
    public async Task<PveGuest?> TryGetAsync(string id, string? key, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Lists the guests on every attempt: the guest may have migrated to another node.
            if ((await ListAsync(cancel)).FirstOrDefault(g => g.Vmid == id) is not { } known)
            {
                return null;
            }

            try
            {
                return await ReadAsync(known, cancel) is { Key: not null } guest && (key is null || guest.Key == key) ? guest : null;
            }
            catch (PveException e) when (e.Failure == PveFailure.NotOnNode && attempt < 5)
            {
                await Task.Delay(RetryDelay, cancel);
            }
        }
    }

    /// <summary>
    /// Finds the guest with the key. A create whose response was lost may still be running: its guest is locked and has no key yet.
    /// So the method waits for the create tasks of its own API user before it returns null.
    /// </summary>
    /// <param name="name">The guest's name. A guest with this name or tag that cannot be read may be the one searched for.</param>
    /// <param name="source">The id of the clone source, because the task of a clone names the source, not the guest; null if the guest is
    /// not cloned.</param>
    public async Task<PveGuest?> FindAsync(string key, string name, string? source, CancellationToken cancel)
    {
        while (true)
        {
            // Read before the list, so that a guest whose task ends in between is in the list.
            var mayStillAppear =
                source is not null
                && await LocateAsync(source, cancel) is { } original
                && await HasCreateTaskAsync(original.Node, source, cancel);
            var all = await ScanAsync(cancel);
            switch (all.Where(g => g is { IsBeingMade: false, IsTemplate: false } && g.Key == key).ToList())
            {
                case [var one]:
                    return one;
                case { Count: > 1 } several:
                    throw new ForgeException(
                        ExitCode.Conflict,
                        $"guests {string.Join(", ", several.Select(g => g.Vmid))} all have the key {key}: remove it "
                            + "from the notes of the copies"
                    );
            }

            foreach (var guest in all.Where(g => g.UnreadableReason is not null || g.IsBeingMade && (g.Key is null || g.Key == key)))
            {
                if (!guest.IsUnreachable)
                {
                    // The guest is locked, or (with permissions through a pool only) not readable before its create task ends.
                    // The task may have ended between the two calls.
                    mayStillAppear |=
                        await HasCreateTaskAsync(guest.Node, guest.Vmid, cancel)
                        || await TryReadAsync(guest, cancel) is { IsBeingMade: false, UnreadableReason: null, Node.Length: > 0 };
                }
                else if (guest.Name == name || guest.Tags.Contains(TagOf(key), StringComparer.Ordinal))
                {
                    // The cluster forgets the name some minutes after a node is gone, but not the tags.
                    throw new PveException(
                        PveFailure.Unreachable,
                        $"guest {guest.Vmid} may be {name}, but it cannot be read: {guest.UnreadableReason}"
                    );
                }
            }

            if (!mayStillAppear)
            {
                return null;
            }

            await Task.Delay(RetryDelay, cancel);
        }
    }

    /// <summary>Where a guest is, whoever it belongs to; null if the cluster has none with this id.</summary>
    public async Task<PveGuest?> LocateAsync(string id, CancellationToken cancel) =>
        (await ListAsync(cancel)).FirstOrDefault(g => g.Vmid == id);

    /// <summary>The tag of the guest with this key. Tags have no capital letters.</summary>
    public static string TagOf(string key) => key.ToLowerInvariant();

    /// <summary>Changes the configuration of a guest, as soon as it is not locked any more.</summary>
    /// <returns>The guest, on the node on which it is now.</returns>
    public async Task<PveGuest> ConfigureAsync(PveGuest guest, IReadOnlyDictionary<string, string> parameters, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await client.PutAsync($"{guest.Path}/config", parameters, cancel);
                return guest;
            }
            catch (PveException e) when (e.MayRepeat(attempt))
            {
                await e.PauseAsync(cancel);
                guest = await GetAsync(guest.Vmid, guest.Key, cancel);
            }
        }
    }

    /// <summary>Changes the lines of forge in the description. What somebody writes there at the same time is not lost.</summary>
    public async Task<PveGuest> ChangeNotesAsync(PveGuest guest, Func<PveNotes, PveNotes> change, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            guest = await GetAsync(guest.Vmid, guest.Key, cancel);
            var notes = change(guest.Notes);
            if (notes == guest.Notes)
            {
                return guest;
            }

            try
            {
                var parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["description"] = notes.Text };
                if (guest.Digest is { } digest)
                {
                    parameters["digest"] = digest;
                }

                await client.PutAsync($"{guest.Path}/config", parameters, cancel);
                return guest with { Notes = notes };
            }
            catch (PveException e) when (e.MayRepeat(attempt))
            {
                await e.PauseAsync(cancel);
            }
        }
    }

    private async Task<bool> HasCreateTaskAsync(string node, string vmid, CancellationToken cancel)
    {
        var user = settings.Token.Split('!')[0];
        var active = await client.GetAsync($"nodes/{node}/tasks", cancel, ("source", "active"), ("vmid", vmid));
        return active
            .EnumerateArray()
            .Any(t =>
                GetText(t, "type") is "vzcreate" or "vzclone"
                && GetText(t, "user") is { } by
                && by.Split('!')[0] == user
                && GetText(t, "status") is null
            );
    }

    private async Task<List<PveGuest>> ListAsync(CancellationToken cancel) =>
        [
            .. (await client.GetAsync("cluster/resources", cancel, ("type", "vm")))
                .EnumerateArray()
                .Where(g => GetText(g, "type") == "lxc")
                .Select(g => new PveGuest(GetText(g, "vmid")!, GetText(g, "node")!, GetText(g, "name") ?? "")
                {
                    IsTemplate = GetText(g, "template") == "1",
                    Tags = GetText(g, "tags")?.Split([';', ',', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [],
                }),
        ];

    // Returns a guest without a node if it was deleted since it was listed.
    private async Task<PveGuest> TryReadAsync(PveGuest known, CancellationToken cancel)
    {
        try
        {
            return await ReadAsync(known, cancel);
        }
        catch (PveException e) when (e.Failure == PveFailure.NotOnNode)
        {
            var now = (await ListAsync(cancel)).FirstOrDefault(g => g.Vmid == known.Vmid);
            return now is null ? known with { Node = "" } : now with { UnreadableReason = "the guest is migrating to another node" };
        }
        catch (PveException e)
        {
            return e.Failure == PveFailure.Unreachable ? Unreachable(known, e.Message) : known with { UnreadableReason = e.Message };
        }
    }

    private static PveGuest Unreachable(PveGuest guest, string reason) =>
        guest with
        {
            UnreadableReason = $"node {guest.Node} is unreachable: {reason}",
            IsUnreachable = true,
        };

    private async Task<PveGuest> ReadAsync(PveGuest known, CancellationToken cancel)
    {
        var config = await client.GetAsync($"{known.Path}/config", cancel);
        var notes = new PveNotes(GetText(config, "description") ?? "");
        return known with
        {
            Notes = notes,
            Key = notes.Key,
            IsFinished = notes.IsFinished,
            Digest = GetText(config, "digest"),
            Lock = GetText(config, "lock"),
            Size = new GuestSize(Number(GetText(config, "cores")), Number(GetText(config, "memory")), GiBOf(DiskOf(config))),
        };
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The size of the root file system as Proxmox VE writes it, such as 8G of "local-lvm:vm-321-disk-0,size=8G".</summary>
    public static string? DiskOf(JsonElement config)
    {
        const string Size = "size=";
        return GetText(config, "rootfs")?.Split(',').FirstOrDefault(o => o.StartsWith(Size, StringComparison.Ordinal))?[Size.Length..];
    }

    // A smaller unit than GiB is not told.
    private static int? GiBOf(string? size) =>
        size is [.. var tib, 'T'] ? Number(tib) * 1024
        : size is [.. var gib, 'G'] ? Number(gib)
        : null;
}
