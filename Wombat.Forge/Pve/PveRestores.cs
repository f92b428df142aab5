namespace Wombat.Forge.Pve;

/// <summary>
/// Restores guests to snapshots. The notes of the guest say that a restore has begun and, afterwards, which one was the last: a repeated
/// request continues the one and does not repeat the other.
/// </summary>
internal sealed class PveRestores(PveClient client, PveTasks tasks, PveGuests guests, PvePower power)
{
    private static readonly Dictionary<string, string> NoParameters = [];

    /// <summary>All snapshots of the guest, also incomplete ones.</summary>
    public async Task<IReadOnlyList<PveSnapshot>> ListAsync(PveGuest guest, CancellationToken cancel) =>
        [.. (await client.GetAsync($"{guest.Path}/snapshot", cancel)).EnumerateArray().Select(PveSnapshot.Read).OfType<PveSnapshot>()];

    public async Task<PveGuest> RestoreAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel)
    {
        await tasks.WaitForSnapshotsAsync(await guests.GetAsync(id, key, cancel), cancel);
        var guest = await guests.GetAsync(id, key, cancel);
        if (request.Request is { } name && guest.Notes.Restored == name)
        {
            await Console.Error.WriteLineAsync($"{id} was restored to {request.Name} by an earlier attempt");
            return guest;
        }

        var snapshot = (await ListAsync(guest, cancel)).FirstOrDefault(s => s.Name == request.Name);
        if (snapshot is not { State: null })
        {
            throw snapshot is null
                ? new ForgeException(ExitCode.NotFound, $"{id} has no snapshot {request.Name}")
                : new ForgeException(ExitCode.Conflict, $"the snapshot {request.Name} of {id} is incomplete ({snapshot.State})");
        }

        var pending = await PrepareAsync(guest, request.Request, cancel);
        if (!pending.IsRolledBack)
        {
            guest = await guests.ChangeNotesAsync(guest, n => n.WithPending(pending), cancel);
            try
            {
                guest = await RollBackAsync(guest, request.Name, cancel);
            }
            catch (PveException e) when (e.ToForgeException().Code != ExitCode.Unavailable)
            {
                await TryUndoAsync(guest, pending);
                throw;
            }

            guest = await guests.ChangeNotesAsync(guest, n => n.WithPending(pending with { IsRolledBack = true }), cancel);
        }

        guest = await CompleteAsync(guest, pending, request.Request, cancel);
        await Console.Error.WriteLineAsync($"{id} restored to {request.Name}");
        return guest;
    }

    /// <summary>
    /// Ends a restore that was given up, before something else changes the guest: it gets its sizes back, whether it was rolled back
    /// or not.
    /// </summary>
    public async Task<PveGuest> SettleAsync(PveGuest guest, CancellationToken cancel)
    {
        if (guest.Notes.Pending is not { } pending)
        {
            return guest;
        }

        await Console.Error.WriteLineAsync($"ending a restore of {guest.Vmid} that was cut short");
        await tasks.WaitForSnapshotsAsync(guest, cancel);
        return await CompleteAsync(guest, pending with { WasRunning = false }, restored: null, cancel);
    }

    // After a restore that was cut short, the guest may be stopped and have the sizes of the snapshot already.
    private async Task<PendingRestore> PrepareAsync(PveGuest guest, string? request, CancellationToken cancel)
    {
        var isRunning = await power.StatusAsync(guest, cancel) == "running";
        if (guest.Notes.Pending is { } earlier)
        {
            return earlier with
            {
                Request = request,
                IsRolledBack = earlier.IsRolledBack && request is not null && earlier.Request == request,
                WasRunning = isRunning || earlier.WasRunning,
            };
        }

        var config = await client.GetAsync($"{guest.Path}/config", cancel);
        return new PendingRestore(
            request,
            IsRolledBack: false,
            isRunning,
            PveGuests.GetText(config, "cores"),
            PveGuests.GetText(config, "memory"),
            PveGuests.DiskOf(config)
        );
    }

    // Rolling back once more after a lost answer is harmless: the guest is not started before this is over.
    private async Task<PveGuest> RollBackAsync(PveGuest guest, string snapshot, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await tasks.WaitAsync(await client.PostAsync($"{guest.Path}/snapshot/{snapshot}/rollback", NoParameters, cancel), cancel);
                return guest;
            }
            catch (PveException e) when (e.MayRepeat(attempt))
            {
                await e.PauseAsync(cancel);
                guest = await guests.GetAsync(guest.Vmid, guest.Key, cancel);
                await tasks.WaitForSnapshotsAsync(guest, cancel);
            }
        }
    }

    // The guest was perhaps killed before the rollback failed. One that is locked is neither old nor restored, so its notes stay.
    private async Task TryUndoAsync(PveGuest guest, PendingRestore pending)
    {
        try
        {
            guest = await guests.GetAsync(guest.Vmid, guest.Key, CancellationToken.None);
            if (guest.Lock is null)
            {
                await CompleteAsync(guest, pending, restored: null, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is PveException or ForgeException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    // Safe to repeat from any step.
    private async Task<PveGuest> CompleteAsync(PveGuest guest, PendingRestore pending, string? restored, CancellationToken cancel)
    {
        guest = await ResizeAsync(guest, pending, cancel);
        if (pending.WasRunning)
        {
            guest = await power.StartAsync(guest, cancel);
        }

        return await guests.ChangeNotesAsync(
            guest,
            n => restored is null ? n.WithPending(null) : n.WithPending(null).WithRestored(restored),
            cancel
        );
    }

    private async Task<PveGuest> ResizeAsync(PveGuest guest, PendingRestore pending, CancellationToken cancel)
    {
        var config = await client.GetAsync($"{guest.Path}/config", cancel);
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in new[] { ("cores", pending.Cores), ("memory", pending.Memory) })
        {
            if (value is not null && value != PveGuests.GetText(config, name))
            {
                changed[name] = value;
            }
        }

        if (changed.Count > 0)
        {
            guest = await guests.ConfigureAsync(guest, changed, cancel);
        }

        if (pending.Disk is { } disk && disk != PveGuests.DiskOf(config))
        {
            await tasks.GrowAsync(guest, disk, cancel);
        }

        return guest;
    }
}
