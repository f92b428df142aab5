using System.Text.Json;

namespace Wombat.Forge.Pve;

/// <summary>
/// Finds guests, and tells ours from others: what forge made bears its key in the description, which is compared before
/// anything is adopted or deleted, since ids are reused and names are not unique.
/// </summary>
internal sealed class PveGuests(PveClient client, PveSettings settings)
{
    public const string Tag = "wombat";

    /// <summary>How long to wait for something locked before looking again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private const string Marker = "wombat-key: ";
    private const string Unfinished = "wombat-unfinished";

    /// <summary>What a guest's description says; until all is done to it, that it is not finished, so that a create that was cut short is taken up again.</summary>
    public static string Describe(string key, bool isFinished) => isFinished ? Marker + key : $"{Marker}{key}\n{Unfinished}";

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;

    /// <summary>All that bear a key.</summary>
    public async Task<IReadOnlyList<PveGuest>> OursAsync(CancellationToken cancel)
    {
        var ours = new List<PveGuest>();
        foreach (var known in await AllAsync(cancel))
        {
            if (known.Tags.Contains(Tag, StringComparer.Ordinal) || known.Tags.Count == 0)
            {
                try
                {
                    if (await ReadAsync(known, cancel) is { Key: not null } guest)
                    {
                        ours.Add(guest);
                    }
                }
                catch (PveException e) when (e.Failure is PveFailure.Missing or PveFailure.Refused)
                {
                    // Gone since the list was made, or not ours to see.
                }
            }
        }

        return ours;
    }

    /// <param name="key">Null for whatever key it bears.</param>
    /// <exception cref="ForgeException">There is none, or it is not ours.</exception>
    public async Task<PveGuest> OursAsync(string id, string? key, CancellationToken cancel)
    {
        // The node is asked for every time: a guest may have migrated.
        var known = (await AllAsync(cancel)).FirstOrDefault(g => g.Vmid == id) ?? throw new ForgeException(ExitCode.NotFound, $"there is no container {id}");
        return await ReadAsync(known, cancel) is { Key: not null } guest && (key is null || guest.Key == key)
            ? guest
            : throw new ForgeException(ExitCode.NotFound, $"there is no container {id} of Wombat's");
    }

    /// <summary>
    /// What bears the key. A create that nobody heard of may still be under way: such a guest is locked and bears nothing
    /// yet, so those that our own user is making right now are waited for before the answer is no.
    /// </summary>
    /// <param name="source">What it would be cloned from: the task of a clone names its source and not the guest; null for no clone.</param>
    public async Task<PveGuest?> FindAsync(string key, string? source, CancellationToken cancel)
    {
        while (true)
        {
            // Asked before the list is made: what ends in between is in the list.
            var unclear = source is not null && await IsWorkedOnAsync(settings.Node, source, cancel);
            foreach (var known in await AllAsync(cancel))
            {
                var guest = await TryReadAsync(known, cancel);
                if (guest is { IsLocked: false })
                {
                    if (guest.Key == key)
                    {
                        return guest;
                    }
                }
                else if (guest is null || guest.Key is null || guest.Key == key)
                {
                    // Unreadable: gone again, or with rights through a pool alone not ours to see until its create has ended. That may have happened between the two looks.
                    unclear |= await IsWorkedOnAsync(known.Node, known.Vmid, cancel) || await TryReadAsync(known, cancel) is { IsLocked: false };
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
        return active.EnumerateArray().Any(t => Text(t, "type") is "vzcreate" or "vzclone" && Text(t, "user") is { } by && by.Split('!')[0] == user && Text(t, "status") is null);
    }

    private async Task<List<PveGuest>> AllAsync(CancellationToken cancel) =>
        [.. (await client.GetAsync("cluster/resources", cancel, ("type", "vm"))).EnumerateArray()
            .Where(g => Text(g, "type") == "lxc" && Text(g, "template") is not "1")
            .Select(g => new PveGuest(Text(g, "vmid")!, Text(g, "node")!, Text(g, "name") ?? "") { Tags = Text(g, "tags")?.Split(';') ?? [] })];

    private async Task<PveGuest?> TryReadAsync(PveGuest known, CancellationToken cancel)
    {
        try
        {
            return await ReadAsync(known, cancel);
        }
        catch (PveException e) when (e.Failure is PveFailure.Missing or PveFailure.Refused)
        {
            return null;
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

/// <param name="Vmid">Its id, which another may have after it.</param>
internal sealed record PveGuest(string Vmid, string Node, string Name)
{
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Null where it bears none, or none yet.</summary>
    public string? Key { get; init; }

    public bool IsFinished { get; init; } = true;

    /// <summary>While it is made or copied.</summary>
    public bool IsLocked { get; init; }

    public string Path => $"nodes/{Node}/lxc/{Vmid}";
}
