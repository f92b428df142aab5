namespace Wombat.Forge.Pve;

/// <summary>
/// Snapshots of guests, which the storage of Proxmox VE keeps. After each failure the list of snapshots decides what happened.
/// </summary>
internal sealed class PveSnapshots(PveClient client, PveTasks tasks, PveGuests guests, PveRestores restores, PveObserver observer)
    : ISnapshots
{
    private const int DefaultMax = 10;

    public Task<Snapshot> CreateAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel)
    {
        PveSnapshot.EnsureName(request.Name);
        var wanted = new PveSnapshot(request.Name, TimeProvider.System.GetUtcNow(), request.ExpiresAt, request.Request, null);
        return PveException.TranslateAsync(async () => (await CreateAsync(id, key, wanted, cancel)).ToSnapshot());
    }

    public Task<IReadOnlyList<Snapshot>> ListAsync(string id, string? key, CancellationToken cancel) =>
        PveException.TranslateAsync<IReadOnlyList<Snapshot>>(async () =>
            [
                .. (await restores.ListAsync(await guests.GetAsync(id, key, cancel), cancel))
                    .Where(s => s.State is null)
                    .OrderBy(s => s.CreatedAt)
                    .ThenBy(s => s.Name, StringComparer.Ordinal)
                    .Select(s => s.ToSnapshot()),
            ]
        );

    public Task<IReadOnlyList<(string? Key, Snapshot Snapshot)>> ListExpiredAsync(DateTimeOffset at, CancellationToken cancel) =>
        PveException.TranslateAsync<IReadOnlyList<(string?, Snapshot)>>(async () =>
        {
            var expired = new List<(string?, Snapshot)>();
            foreach (var batch in (await guests.ScanAsync(cancel)).Where(g => g is { Key: not null, IsTemplate: false }).Chunk(8))
            {
                var found = await Task.WhenAll(batch.Select(g => TryListAsync(g, cancel)));
                expired.AddRange(
                    batch.Zip(found).SelectMany(p => p.Second.Where(s => s.ExpiresAt <= at).Select(s => (p.First.Key, s.ToSnapshot())))
                );
            }

            return expired;
        });

    public Task<Guest> RestoreAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel)
    {
        PveSnapshot.EnsureName(request.Name);
        return PveException.TranslateAsync(async () =>
            await observer.DescribeAsync(await restores.RestoreAsync(id, key, request, cancel), cancel)
        );
    }

    public Task DeleteAsync(string id, string? key, string name, CancellationToken cancel)
    {
        PveSnapshot.EnsureName(name);
        return PveException.TranslateAsync(() => DeleteUntilGoneAsync(id, key, name, cancel));
    }

    private async Task<PveSnapshot> CreateAsync(string id, string? key, PveSnapshot wanted, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var guest = await restores.SettleAsync(await guests.GetAsync(id, key, cancel), cancel);
            await tasks.WaitForSnapshotsAsync(guest, cancel);
            var all = await restores.ListAsync(guest, cancel);
            if (all.FirstOrDefault(s => s.Name == wanted.Name) is { } existing)
            {
                return existing.State is null && existing.IsMadeLike(wanted) ? existing : throw Taken(id, existing);
            }

            EnsureRoom(id, all.Count);
            try
            {
                var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["snapname"] = wanted.Name,
                    ["description"] = wanted.Describe(),
                };
                await tasks.WaitAsync(await client.PostAsync($"{guest.Path}/snapshot", parameters, cancel), cancel);
                await Console.Error.WriteLineAsync($"snapshot {wanted.Name} of {id} made");
                return wanted;
            }
            catch (PveException e) when (e.MayRepeat(attempt))
            {
                await e.PauseAsync(cancel);
            }
            catch (PveException)
            {
                if (await FindAsync(id, key, wanted.Name, cancel) is { State: null } made && made.IsMadeLike(wanted))
                {
                    return made;
                }

                throw;
            }
        }
    }

    private async Task<bool> DeleteUntilGoneAsync(string id, string? key, string name, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var guest = await guests.GetAsync(id, key, cancel);
            await tasks.WaitForSnapshotsAsync(guest, cancel);
            if ((await restores.ListAsync(guest, cancel)).All(s => s.Name != name))
            {
                return await SayDeletedAsync(id, name);
            }

            try
            {
                await tasks.WaitAsync(await client.DeleteAsync($"{guest.Path}/snapshot/{name}", cancel), cancel);
                return await SayDeletedAsync(id, name);
            }
            catch (PveException e) when (e.MayRepeat(attempt))
            {
                await e.PauseAsync(cancel);
            }
            catch (PveException)
            {
                if (await FindAsync(id, key, name, cancel) is not null)
                {
                    throw;
                }
            }
        }
    }

    private static async Task<bool> SayDeletedAsync(string id, string name)
    {
        await Console.Error.WriteLineAsync($"snapshot {name} of {id} deleted");
        return true;
    }

    private async Task<PveSnapshot?> FindAsync(string id, string? key, string name, CancellationToken cancel) =>
        (await restores.ListAsync(await guests.GetAsync(id, key, cancel), cancel)).FirstOrDefault(s => s.Name == name);

    // A guest that migrates or is deleted just now does not hide the snapshots of the others.
    private async Task<IReadOnlyList<PveSnapshot>> TryListAsync(PveGuest guest, CancellationToken cancel)
    {
        try
        {
            return [.. (await restores.ListAsync(guest, cancel)).Where(s => s.State is null)];
        }
        catch (PveException e)
        {
            await Console.Error.WriteLineAsync($"cannot list the snapshots of {guest.Vmid}: {e.Message}");
            return [];
        }
    }

    private static void EnsureRoom(string id, int count)
    {
        var max = Backends.Number("FORGE_PVE_SNAPSHOTS", DefaultMax, 1, 1000);
        if (count >= max)
        {
            throw new ForgeException(ExitCode.Capacity, $"{id} has {max} snapshots, which is the most; delete one first");
        }
    }

    private static ForgeException Taken(string id, PveSnapshot existing) =>
        new(
            ExitCode.Conflict,
            existing.State is null
                ? $"{id} already has a snapshot {existing.Name}"
                : $"{id} has an incomplete snapshot {existing.Name} ({existing.State}); an administrator of Proxmox VE must remove it"
        );
}
