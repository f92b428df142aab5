using System.Collections.Concurrent;
using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Finds guests, and tells ours from others by one rule: what forge made bears its key in the description, whatever its
/// tags, name or pool are, since ids are reused and the rest is everybody's to change.
/// </summary>
internal sealed class PveGuests(PveClient client, PveSettings settings)
{
    public const string Tag = "wombat";

    /// <summary>How long to wait for something locked before looking again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private const string Marker = "wombat-key: ";
    private const string Unfinished = "wombat-unfinished";
    private static readonly ParallelOptions Together = new() { MaxDegreeOfParallelism = 8 };

    /// <summary>What a guest's description says; until all is done to it, that it is not finished, so that a create that was cut short is taken up again.</summary>
    public static string Describe(string key, bool isFinished) => isFinished ? Marker + key : $"{Marker}{key}\n{Unfinished}";

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? value.ToString()
            : null;

    /// <summary>All guests, whoever's. One that cannot be read says why; one node that is down hides no other.</summary>
    public async Task<IReadOnlyList<PveGuest>> ScanAsync(CancellationToken cancel)
    {
        var found = new ConcurrentBag<PveGuest>();
        await Parallel.ForEachAsync(
            (await AllAsync(cancel)).GroupBy(g => g.Node, StringComparer.Ordinal),
            new ParallelOptions { CancellationToken = cancel },
            async (node, token) =>
            {
                // One guest tells whether the node answers: each call to a node that is down can take half a minute.
                var guests = node.ToList();
                var first = await TryReadAsync(guests[0], token);
                found.Add(first);
                await Parallel.ForEachAsync(
                    guests.Skip(1),
                    Together,
                    async (guest, token) =>
                        found.Add(
                            first.IsUnreachable
                                ? guest with
                                {
                                    Unreadable = first.Unreadable,
                                    IsUnreachable = true,
                                }
                                : await TryReadAsync(guest, token)
                        )
                );
            }
        );
        return [.. found.Where(g => g.Node.Length > 0).OrderBy(g => g.Vmid.Length).ThenBy(g => g.Vmid, StringComparer.Ordinal)];
    }

    /// <param name="key">Null for whatever key it bears.</param>
    /// <exception cref="ForgeException">There is none, or it is not ours.</exception>
    /// <exception cref="PveException">Whether it is ours cannot be told now.</exception>
    public async Task<PveGuest> GetAsync(string id, string? key, CancellationToken cancel) =>
        await TryGetAsync(id, key, cancel)
        ?? throw new ForgeException(
            ExitCode.NotFound,
            $"there is no container {id} of Wombat's{(key is null ? "" : $" with the key {key}")}"
        );

    /// <summary>Null where the cluster does not have it, or it bears another key or none.</summary>
    public async Task<PveGuest?> TryGetAsync(string id, string? key, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            // The node is asked for every time: a guest may have migrated.
            if ((await AllAsync(cancel)).FirstOrDefault(g => g.Vmid == id) is not { } known)
            {
                return null;
            }

            try
            {
                return await ReadAsync(known, cancel) is { Key: not null } guest && (key is null || guest.Key == key) ? guest : null;
            }
            catch (PveException e) when (e.Failure == PveFailure.NotThere && attempt < 5)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }

    /// <summary>
    /// What bears the key. A create that nobody heard of may still be under way: such a guest is locked and bears nothing
    /// yet, so those that our own user is making right now are waited for before the answer is no.
    /// </summary>
    /// <param name="name">As it would be made; a guest of that name that cannot be read may be it.</param>
    /// <param name="source">What it would be cloned from: the task of a clone names its source and not the guest; null for no clone.</param>
    public async Task<PveGuest?> FindAsync(string key, string name, string? source, CancellationToken cancel)
    {
        while (true)
        {
            // Asked before the list is made: what ends in between is in the list.
            var unclear = source is not null && await IsWorkedOnAsync(settings.Node, source, cancel);
            var all = await ScanAsync(cancel);
            switch (all.Where(g => g is { IsLocked: false, IsTemplate: false } && g.Key == key).ToList())
            {
                case [var one]:
                    return one;
                case { Count: > 1 } several:
                    throw new ForgeException(
                        ExitCode.Conflict,
                        $"the guests {string.Join(", ", several.Select(g => g.Vmid))} all bear the key {key}: take it out of the notes of the copies"
                    );
            }

            foreach (var guest in all.Where(g => g.Unreadable is not null || g.IsLocked && (g.Key is null || g.Key == key)))
            {
                if (!guest.IsUnreachable)
                {
                    // Locked, or with rights through a pool alone not ours to see until its create has ended. That may have happened between the two looks.
                    unclear |=
                        await IsWorkedOnAsync(guest.Node, guest.Vmid, cancel)
                        || await TryReadAsync(guest, cancel) is { IsLocked: false, Unreadable: null, Node.Length: > 0 };
                }
                else if (guest.Name == name)
                {
                    throw new PveException(
                        PveFailure.Unreachable,
                        $"{name} may be the guest {guest.Vmid}, which cannot be looked at: {guest.Unreadable}"
                    );
                }
            }

            if (!unclear)
            {
                return null;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private async Task<bool> IsWorkedOnAsync(string node, string vmid, CancellationToken cancel)
    {
        var user = settings.Token.Split('!')[0];
        var active = await client.GetAsync($"nodes/{node}/tasks", cancel, ("source", "active"), ("vmid", vmid));
        return active
            .EnumerateArray()
            .Any(t =>
                Text(t, "type") is "vzcreate" or "vzclone"
                && Text(t, "user") is { } by
                && by.Split('!')[0] == user
                && Text(t, "status") is null
            );
    }

    private async Task<List<PveGuest>> AllAsync(CancellationToken cancel) =>
        [
            .. (await client.GetAsync("cluster/resources", cancel, ("type", "vm")))
                .EnumerateArray()
                .Where(g => Text(g, "type") == "lxc")
                .Select(g => new PveGuest(Text(g, "vmid")!, Text(g, "node")!, Text(g, "name") ?? "")
                {
                    IsTemplate = Text(g, "template") == "1",
                }),
        ];

    // A guest without a node is gone since the list was made.
    private async Task<PveGuest> TryReadAsync(PveGuest known, CancellationToken cancel)
    {
        try
        {
            return await ReadAsync(known, cancel);
        }
        catch (PveException e) when (e.Failure == PveFailure.NotThere)
        {
            var now = (await AllAsync(cancel)).FirstOrDefault(g => g.Vmid == known.Vmid);
            return now is null ? known with { Node = "" } : now with { Unreadable = "it is moving between nodes" };
        }
        catch (PveException e)
        {
            var isUnreachable = e.Failure == PveFailure.Unreachable;
            return known with
            {
                Unreadable = isUnreachable ? $"its node {known.Node} is unreachable: {e.Message}" : e.Message,
                IsUnreachable = isUnreachable,
            };
        }
    }

    private async Task<PveGuest> ReadAsync(PveGuest known, CancellationToken cancel)
    {
        var config = await client.GetAsync($"{known.Path}/config", cancel);
        var lines = Text(config, "description")?.Split('\n', StringSplitOptions.TrimEntries) ?? [];
        return known with
        {
            Key = lines.FirstOrDefault(l => l.StartsWith(Marker, StringComparison.Ordinal))?[Marker.Length..],
            IsFinished = !lines.Contains(Unfinished, StringComparer.Ordinal),
            IsLocked = Text(config, "lock") is "create" or "disk",
        };
    }
}
