namespace Wombat.Forge.Lxc;

/// <summary>
/// Snapshots of the containers of the back end, and other replacements of their root file systems, each under the lock of its container.
/// </summary>
internal sealed class LxcSnapshots(LxcBackend backend, LxcFolders folders) : ISnapshots
{
    private const int DefaultMax = 10;

    public async Task<Snapshot> CreateAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel)
    {
        await using var containerLock = await backend.LockAsync(id, cancel);
        var record = await RecoverAsync(backend.GetRecord(id, key), cancel);
        var tools = await backend.ToolsOfAsync(record, cancel);
        var store = new SnapshotStore(folders.FolderOf(record), tools);
        if (store.Find(request.Name) is { } existing)
        {
            return request.Request is { } name && existing.Request == name
                ? existing.Snapshot
                : throw new ForgeException(ExitCode.Conflict, $"{id} already has a snapshot {request.Name}");
        }

        var max = Backends.Number("FORGE_LXC_SNAPSHOTS", DefaultMax, 1, 1000);
        if (store.List().Count >= max)
        {
            throw new ForgeException(ExitCode.Capacity, $"{id} has {max} snapshots, which is the most; delete one first");
        }

        var isRunning = await tools.IsRunningAsync(id, cancel);
        var snapshot = await UndoneIfFailedAsync(
            record,
            new PendingCopy(SnapshotStore.NewCopy(), request.Request, IsComplete: false, isRunning),
            pending => MakeAsync(record, store, pending, request, cancel)
        );
        await Console.Error.WriteLineAsync($"snapshot {request.Name} of {id} made");
        return snapshot;
    }

    private async Task<Snapshot> MakeAsync(
        GuestRecord record,
        SnapshotStore store,
        PendingCopy pending,
        SnapshotRequest request,
        CancellationToken cancel
    )
    {
        var freezer = new LxcFreezer(folders.FolderOf(record), record.Name);
        var now = TimeProvider.System.GetUtcNow();
        long bytes;
        try
        {
            if (pending.WasRunning)
            {
                await freezer.FreezeAsync(cancel);
            }
            else
            {
                // A container that has powered itself off leaves its disk mounted.
                await new LxcDisk(folders.FolderOf(record), await backend.ToolsOfAsync(record, cancel)).UnmountAsync(cancel);
            }

            bytes = await store.CopyLiveAsync(pending.Copy, cancel);
        }
        finally
        {
            if (pending.WasRunning)
            {
                await freezer.ThawAsync();
            }
        }

        var snapshot = new Snapshot(request.Name, now, request.ExpiresAt, bytes);
        store.Describe(pending.Copy, snapshot, request.Request);
        await store.SyncAsync(cancel);
        store.Publish(pending.Copy, request.Name);
        Save(record with { Pending = null });
        return snapshot;
    }

    public async Task<IReadOnlyList<Snapshot>> ListAsync(string id, string? key, CancellationToken cancel)
    {
        folders.Prepare();
        var record = backend.GetRecord(id, key);
        return new SnapshotStore(folders.FolderOf(record), await backend.ToolsOfAsync(record, cancel)).List();
    }

    public async Task<IReadOnlyList<(string? Key, Snapshot Snapshot)>> ListExpiredAsync(DateTimeOffset at, CancellationToken cancel)
    {
        folders.Prepare();
        var expired = new List<(string?, Snapshot)>();
        foreach (var record in folders.AllRecords().Where(r => r.Ready))
        {
            var store = new SnapshotStore(folders.FolderOf(record), await backend.ToolsOfAsync(record, cancel));
            expired.AddRange(store.List().Where(s => s.ExpiresAt <= at).Select(s => (record.Key, s)));
        }

        return expired;
    }

    public Task<Guest> RestoreAsync(string id, string? key, SnapshotRequest request, CancellationToken cancel) =>
        ReplaceAsync(
            id,
            key,
            request.Request,
            $"restored to {request.Name}",
            (_, store, copy) =>
                store.Find(request.Name) is null
                    ? throw new ForgeException(ExitCode.NotFound, $"{id} has no snapshot {request.Name}")
                    : store.CopySnapshotAsync(request.Name, copy, cancel),
            cancel
        );

    /// <inheritdoc cref="IBackend.RebuildAsync"/>
    public Task<Guest> RebuildAsync(string id, string? key, string? request, CancellationToken cancel) =>
        ReplaceAsync(
            id,
            key,
            request,
            "rebuilt",
            (record, store, copy) => store.MakeAsync(copy, folder => backend.MakeRootAsync(record, folder, cancel)),
            cancel
        );

    // The container goes on running until its new root file system is complete.
    private async Task<Guest> ReplaceAsync(
        string id,
        string? key,
        string? request,
        string done,
        Func<GuestRecord, SnapshotStore, string, Task> makeCopy,
        CancellationToken cancel
    )
    {
        await using var containerLock = await backend.LockAsync(id, cancel);
        var record = await RecoverAsync(backend.GetRecord(id, key), cancel);
        var tools = await backend.ToolsOfAsync(record, cancel);
        var isRunning = await tools.IsRunningAsync(id, cancel);
        if (request is not null && record.Restored == request)
        {
            await Console.Error.WriteLineAsync($"{id} was {done} by an earlier attempt");
            return record.StartFailed
                ? await backend.EnsureStartedAsync(record, cancel)
                : await backend.DescribeAsync(record, isRunning, cancel);
        }

        var store = new SnapshotStore(folders.FolderOf(record), tools);
        var complete = await UndoneIfFailedAsync(
            record,
            new PendingCopy(SnapshotStore.NewCopy(), request, IsComplete: false, isRunning || record.StartFailed),
            async pending =>
            {
                await makeCopy(record, store, pending.Copy);
                await store.SyncAsync(cancel);
                return Save(record with { Pending = pending with { IsComplete = true } });
            }
        );
        record = await CompleteAsync(complete, cancel);
        await Console.Error.WriteLineAsync($"{id} {done}");
        return await backend.DescribeAsync(record, await tools.IsRunningAsync(id, cancel), cancel);
    }

    public async Task DeleteAsync(string id, string? key, string name, CancellationToken cancel)
    {
        await using var containerLock = await backend.LockAsync(id, cancel);
        var record = await RecoverAsync(backend.GetRecord(id, key), cancel);
        var store = new SnapshotStore(folders.FolderOf(record), await backend.ToolsOfAsync(record, cancel));
        store.Discard(name);
        await store.CleanAsync(cancel);
        await Console.Error.WriteLineAsync($"snapshot {name} of {id} deleted");
    }

    /// <summary>Ends a snapshot, restore or rebuild whose forge was killed. The caller holds the lock of the container.</summary>
    /// <returns>The record, with nothing pending.</returns>
    public async Task<GuestRecord> RecoverAsync(GuestRecord record, CancellationToken cancel)
    {
        if (record.Pending is not { } pending)
        {
            return record;
        }

        await Console.Error.WriteLineAsync(
            $"{(pending.IsComplete ? "completing a restore or rebuild" : "undoing a copy")} of {record.Name} that was cut short"
        );
        return pending.IsComplete ? await CompleteAsync(record, cancel) : await UndoAsync(record, pending, cancel);
    }

    /// <summary>Does the same for all containers with which no other forge process works.</summary>
    public async Task RecoverAllAsync(IEnumerable<GuestRecord> records, CancellationToken cancel)
    {
        foreach (var name in records.Where(r => r.Pending is not null).Select(r => r.Name))
        {
            try
            {
                await using var containerLock = await backend.LockAsync(name, cancel, TimeSpan.Zero);
                await RecoverAsync(backend.GetRecord(name, null), cancel);
            }
            catch (ForgeException e) when (e.Code == ExitCode.Unavailable)
            {
                // Another forge process works on it, or it is tried again later.
            }
            catch (ForgeException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
            }
        }
    }

    /// <summary>Makes a container whose snapshot was cut short removable.</summary>
    public async Task ThawAsync(GuestRecord record)
    {
        if (record.Pending is { IsComplete: false, WasRunning: true })
        {
            await new LxcFreezer(folders.FolderOf(record), record.Name).ThawAsync();
        }
    }

    private async Task<T> UndoneIfFailedAsync<T>(GuestRecord record, PendingCopy pending, Func<PendingCopy, Task<T>> work)
    {
        Save(record with { Pending = pending });
        try
        {
            return await work(pending);
        }
        catch
        {
            await TryUndoAsync(record, pending);
            throw;
        }
    }

    // The error of the work is told instead of that of its end, which the next call for the container repeats.
    private async Task TryUndoAsync(GuestRecord record, PendingCopy pending)
    {
        try
        {
            await UndoAsync(record, pending, CancellationToken.None);
        }
        catch (ForgeException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
    }

    private async Task<GuestRecord> UndoAsync(GuestRecord record, PendingCopy pending, CancellationToken cancel)
    {
        var tools = await backend.ToolsOfAsync(record, cancel);
        await ThawAsync(record with { Pending = pending });
        return await new SnapshotStore(folders.FolderOf(record), tools).CleanAsync(cancel)
            ? Save(record with { Pending = null })
            : throw new ForgeException(ExitCode.Unavailable, $"an unfinished copy of {record.Name} cannot be removed yet");
    }

    // Safe to repeat from any step. What the container has written since is discarded, so it is killed instead of shut down.
    private async Task<GuestRecord> CompleteAsync(GuestRecord record, CancellationToken cancel)
    {
        var pending = record.Pending!;
        var tools = await backend.ToolsOfAsync(record, cancel);
        var store = new SnapshotStore(folders.FolderOf(record), tools);
        if (store.HasCopy(pending.Copy))
        {
            await backend.KillAsync(record, tools, cancel);
            store.Swap(pending.Copy);
        }

        await TrySetHostnameAsync(record, tools, cancel);
        try
        {
            if (pending.WasRunning)
            {
                await backend.EnsureStartedAsync(record, cancel);
            }
        }
        catch (ForgeException e) when (e.Code != ExitCode.Unavailable)
        {
            // A repeated request starts it again.
            Finish(record, pending, startFailed: true);
            await store.CleanAsync(cancel);
            throw;
        }

        record = Finish(record, pending);
        await store.CleanAsync(cancel);
        return record;
    }

    // A snapshot may be older than the host name, or have no place for it.
    private async Task TrySetHostnameAsync(GuestRecord record, LxcTools tools, CancellationToken cancel)
    {
        if (record.Slot is { } slot && !await tools.IsRunningAsync(record.Name, cancel))
        {
            try
            {
                var root = new LxcRoot(folders.FolderOf(record), new IdRange(slot), tools);
                await root.SetHostnameAsync(record.Hostname ?? record.Name, cancel);
            }
            catch (ForgeException e) when (e.Code != ExitCode.Unavailable)
            {
                await Console.Error.WriteLineAsync(e.Message);
            }
        }
    }

    // The start may have changed the record.
    private GuestRecord Finish(GuestRecord record, PendingCopy pending, bool startFailed = false) =>
        Save(
            (GuestRecord.Read(folders.RecordFile(record.Name)) ?? record) with
            {
                Pending = null,
                Restored = pending.Request,
                StartFailed = startFailed,
            }
        );

    private GuestRecord Save(GuestRecord record)
    {
        record.Write(folders.RecordFile(record.Name));
        return record;
    }
}
