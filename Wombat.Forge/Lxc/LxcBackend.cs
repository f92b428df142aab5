using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>LXC containers on this machine, in one folder that belongs to Wombat. Containers in other folders are ignored.</summary>
internal sealed class LxcBackend : IBackend
{
    private const string StopTimeoutSeconds = "8";
    private const int RemoveAttempts = 8;
    private static readonly TimeSpan RemoveDelay = TimeSpan.FromMilliseconds(200);
    internal const string Privileged =
        "privileged: created by an earlier version; root in it is root of this machine. Create a new one instead";
    private readonly TimeSpan lockTimeout = TimeSpan.FromSeconds(Backends.Number("FORGE_LXC_LOCK_SECONDS", 60, 1, 3600));

    private readonly LxcFolders folders;
    private readonly LxcTemplates templates;
    private readonly PassablePath passable;
    private readonly HostSlots slots = IdRange.Pool();
    private readonly LxcNetwork network;
    private readonly LxcSnapshots snapshots;
    private readonly LxcChanges changes;
    private readonly LxcMeasurements measurements;

    public LxcBackend(string dataDirectory, string? bridge)
    {
        folders = new LxcFolders(dataDirectory);
        var tools = new LxcTools(folders.Path, folders.Path);
        templates = new LxcTemplates(new LxcImages(folders, tools), dataDirectory);
        passable = new PassablePath(folders, tools);
        network = new LxcNetwork(dataDirectory, bridge, NetworkSettings.Read());
        snapshots = new LxcSnapshots(this, folders);
        changes = new LxcChanges(this, folders);
        measurements = new LxcMeasurements(this, folders, network);
    }

    public ISnapshots Snapshots => snapshots;

    public async Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel)
    {
        if (request.Node is not null)
        {
            throw new ForgeException(ExitCode.Usage, "--node: this machine has no nodes; only Proxmox VE does");
        }

        var template = templates.Find(request);
        folders.EnsureUsable();
        folders.PrepareForCreation();

        // A container with this key already exists: return it, even if it has another name.
        var name = request.Key is null
            ? request.Name
            : folders.AllRecords().FirstOrDefault(r => r.Key == request.Key)?.Name ?? request.Name;
        await using var containerLock = await LockAsync(name, cancel);
        if (GuestRecord.Read(folders.RecordFile(name)) is { } record)
        {
            if (request.Key is null || record.Key != request.Key)
            {
                throw new ForgeException(ExitCode.Conflict, $"{name} already exists");
            }

            if (record.Ready)
            {
                await Console.Error.WriteLineAsync($"{name} already exists with this key");
                return await EnsureStartedAsync(await snapshots.RecoverAsync(record, cancel), cancel);
            }

            await Console.Error.WriteLineAsync($"Found an incomplete container {name}; recreating it");
            await RemoveAsync(record, cancel);
        }
        else if (Directory.Exists(Path.Combine(folders.Path, name)))
        {
            throw new ForgeException(ExitCode.Conflict, $"{name} already exists and was not created by forge");
        }

        network.EnsureBridgeExists();
        var ready = await CreateNewAsync(request with { Name = name }, template, cancel);
        await Console.Error.WriteLineAsync($"{name} started");
        return await DescribeAsync(ready, running: true, cancel);
    }

    private async Task<GuestRecord> CreateNewAsync(CreateRequest request, LxcTemplate template, CancellationToken cancel)
    {
        var name = request.Name;
        var file = folders.RecordFile(name);
        var draft = new GuestRecord(name, request.Key, request.Template, Ready: false, Note: null)
        {
            Network = request.Network,
            Hostname = request.Hostname,
        };
        draft.Write(file);
        var ids = new IdRange(await slots.AcquireAsync(file, cancel));
        var path = await passable.ChooseAsync(ids, cancel);
        draft = draft with { Slot = ids.Slot, Path = path == folders.Path ? null : path };
        draft.Write(file);
        draft = await ConnectAsync(draft, cancel);
        LxcConfig.WriteSeccompProfile(folders.SeccompProfile);
        var tools = await ToolsOfAsync(draft, cancel);
        var folder = Path.Combine(path, name);
        var root = new LxcRoot(folder, ids, tools);
        bool isDiskLimited;
        if (request.Source is { } source)
        {
            (request, isDiskLimited) = await CloneAsync(request, source, root, folder, cancel);
        }
        else
        {
            isDiskLimited = await root.CreateAsync(await templates.Images.EnsureAsync(template, cancel), request, cancel);
        }

        LxcEnvironment.Write(folder, request.Environment);
        LxcUserData.Write(folder, request.UserData);
        LxcConfig.Write(path, name, request.Hostname ?? name, ids, root.IsBusybox, network.ConfigFile(name), request.Environment);
        var limits = new LxcLimits(folders.Path, name, tools);
        limits.Configure(request.Size);
        var ready = draft with { Ready = true, Note = await limits.StartAsync(request.Size, isDiskLimited, cancel), Boot = HostState.Boot };
        ready.Write(file);
        return ready;
    }

    private async Task<(CreateRequest Request, bool IsDiskLimited)> CloneAsync(
        CreateRequest request,
        CloneSource source,
        LxcRoot root,
        string folder,
        CancellationToken cancel
    )
    {
        // Not locked while the files are copied, which may take long: what is wanted of the source meanwhile is done.
        GuestRecord record;
        await using (await LockAsync(source.Id, cancel))
        {
            record = await GetRecoveredAsync(source.Id, source.Key, cancel);
        }

        if (record.Slot is not { } slot)
        {
            throw new ForgeException(ExitCode.Conflict, $"{record.Name} is {Privileged}");
        }

        var sourceFolder = folders.FolderOf(record);
        var complete = request with
        {
            Environment = request.Environment.Count > 0 ? request.Environment : LxcEnvironment.Read(sourceFolder),
            UserData = request.UserData ?? LxcUserData.Read(sourceFolder),
        };
        var work = Path.Combine(folder, SnapshotStore.NewCopy());
        var store = new SnapshotStore(sourceFolder, await ToolsOfAsync(record, cancel));
        var isDiskLimited = await root.CreateAsync(
            complete,
            () => store.ReadAsync(source.Snapshot, work, r => root.CopyAsync(r, new IdRange(slot), cancel), cancel),
            cancel
        );

        // Its errors come late: a disk is a sparse file, which may find no room.
        await SnapshotStore.SyncAsync(Path.Combine(folder, "rootfs"), await ToolsOfAsync(record, cancel), cancel);
        return (complete, isDiskLimited);
    }

    public async Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel)
    {
        folders.Prepare();
        await snapshots.RecoverAllAsync(folders.AllRecords(), cancel);
        var known = folders.AllRecords().ToList();
        var running = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in known.GroupBy(r => r.Path, StringComparer.Ordinal))
        {
            running.UnionWith(await (await ToolsOfAsync(group.First(), cancel)).ListRunningAsync(cancel));
        }

        // Once more: a record that is older than the state of its container would tell a wrong boot.
        known = [.. known.Select(r => GuestRecord.Read(folders.RecordFile(r.Name))).OfType<GuestRecord>()];
        foreach (var record in known.Where(r => r.Ready && IsBootOutdated(r, running.Contains(r.Name))))
        {
            await TryUpdateBootAsync(record.Name, cancel);
        }

        var problem = await network.TryRestoreAsync(n => File.Exists(folders.RecordFile(n)), running, cancel);
        var guests = new List<Guest>();
        foreach (var record in known.Where(r => !r.Ready || IsDefined(r)))
        {
            var guest = await DescribeAsync(record, running.Contains(record.Name), cancel);
            guests.Add(problem is null || record.Network is null ? guest : guest with { Note = Join(guest.Note, problem) });
        }

        return guests;
    }

    // Started or stopped without forge. What stopped with an earlier boot was interrupted.
    private static bool IsBootOutdated(GuestRecord record, bool isRunning) =>
        isRunning ? record.Boot != HostState.Boot : record.Boot == HostState.Boot;

    private async Task TryUpdateBootAsync(string name, CancellationToken cancel)
    {
        try
        {
            await using var containerLock = await LockAsync(name, cancel, TimeSpan.Zero);
            var record = GetRecord(name, null);
            var isRunning = await (await ToolsOfAsync(record, cancel)).IsRunningAsync(name, cancel);
            if (IsBootOutdated(record, isRunning))
            {
                Save(record with { Boot = isRunning ? HostState.Boot : null }, record);
            }
        }
        catch (Exception e) when (e is ForgeException or IOException)
        {
            // Another forge process works on it, it is gone, or the disk is full. The next list tries again.
        }
    }

    public async Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel)
    {
        folders.Prepare();
        var record = GetRecord(id, key);
        return await DescribeAsync(record, await (await ToolsOfAsync(record, cancel)).IsRunningAsync(id, cancel), cancel);
    }

    public async Task<Guest> StartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        return await EnsureStartedAsync(await GetRecoveredAsync(id, key, cancel), cancel);
    }

    public async Task<Guest> StopAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        var record = await GetRecoveredAsync(id, key, cancel);
        await EnsureStoppedAsync(record, cancel);
        return await DescribeAsync(Save(record with { Boot = null, StartFailed = false }, record), running: false, cancel);
    }

    public async Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        var record = await GetRecoveredAsync(id, key, cancel);
        await EnsureStoppedAsync(record, cancel);
        return await EnsureStartedAsync(record, cancel);
    }

    public Task<Guest> ResizeAsync(string id, string? key, GuestSize size, CancellationToken cancel) =>
        changes.ResizeAsync(id, key, size, cancel);

    public Task<Guest> RenameAsync(string id, string? key, string hostname, CancellationToken cancel) =>
        changes.RenameAsync(id, key, hostname, cancel);

    public Task<IReadOnlyList<GuestUsage>> MeasureAsync(CancellationToken cancel) => measurements.TakeAsync(cancel);

    public Task<Guest> RebuildAsync(string id, string? key, string? request, CancellationToken cancel) =>
        snapshots.RebuildAsync(id, key, request, cancel);

    /// <summary>Makes a new root file system for the container, or a new disk of the same size, in an empty folder.</summary>
    internal async Task MakeRootAsync(GuestRecord record, string folder, CancellationToken cancel)
    {
        if (record.Slot is not { } slot)
        {
            throw new ForgeException(ExitCode.Conflict, $"{record.Name} is {Privileged}");
        }

        var tools = await ToolsOfAsync(record, cancel);
        var request = new CreateRequest(
            record.Name,
            record.Template,
            record.Key,
            Cpu: null,
            Memory: null,
            DiskOf(record, tools).SizeGiB,
            SshKeys: [],
            record.Network,
            record.Hostname
        )
        {
            Environment = LxcEnvironment.Read(folders.FolderOf(record)),
            UserData = LxcUserData.Read(folders.FolderOf(record)),
        };
        var image = await templates.Images.EnsureAsync(templates.Find(request), cancel);
        SnapshotStore.EnsureRoom(folders.Path, new FileInfo(image).Length);
        var isDone = await new LxcRoot(folder, new IdRange(slot), tools).CreateAsync(image, request, cancel);

        // Its errors come late: a disk is a sparse file, which may find no room.
        await SnapshotStore.SyncAsync(Path.Combine(folder, "rootfs"), tools, cancel);
        await new LxcDisk(folder, tools).UnmountAsync(cancel);
        if (!isDone)
        {
            throw new ForgeException(ExitCode.Unavailable, $"this machine cannot make a new disk for {record.Name}");
        }
    }

    public async Task DeleteAsync(string id, string? key, CancellationToken cancel)
    {
        await using (await LockAsync(id, cancel))
        {
            var file = folders.RecordFile(id);
            var record = GuestRecord.Read(file);
            if (record is null || key is not null && record.Key != key)
            {
                throw new ForgeException(ExitCode.NotFound, $"container {id} does not exist");
            }

            await RemoveAsync(record, cancel);
            await network.LeaveAsync(id, cancel);
            await slots.ReleaseAsync(file, cancel);
            File.Delete(file);
            await passable.RemoveUnusedAsync(cancel);
        }

        await Console.Error.WriteLineAsync($"{id} deleted");
    }

    public async Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        var record = await GetRecoveredAsync(id, key, cancel);
        var tools = await ToolsOfAsync(record, cancel);
        if (!await tools.IsRunningAsync(id, cancel))
        {
            throw new ForgeException(ExitCode.Conflict, $"{id} is not running");
        }

        await LxcKeys.ReplaceAsync(id, sshKeys, tools, cancel);
        return await DescribeAsync(record, running: true, cancel);
    }

    // Without the lock: a stop or delete must not wait for a command or console.
    public async Task<ChildCommand> AttachAsync(string id, string? key, InsideCommand command, CancellationToken cancel)
    {
        folders.Prepare();
        var record = GetRecord(id, key);
        return await (await ToolsOfAsync(record, cancel)).IsRunningAsync(id, cancel)
            ? LxcAttach.Command(folders.PathOf(record), id, folders.FolderOf(record), command)
            : throw new ForgeException(ExitCode.Conflict, $"{id} is not running");
    }

    public async Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel)
    {
        const int MaxLines = 1000;
        folders.Prepare();
        GetRecord(id, null);
        var file = Path.Combine(folders.Path, id, "console.log");
        return File.Exists(file) ? [.. (await File.ReadAllLinesAsync(file, cancel)).TakeLast(MaxLines)] : [];
    }

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) => Task.FromResult(templates.List());

    public Task<IReadOnlyList<Template>> BuildImagesAsync(string? template, CancellationToken cancel)
    {
        folders.EnsureUsable();
        return templates.BuildImagesAsync(template, cancel);
    }

    public Task<int> RemoveNetworksAsync(CancellationToken cancel)
    {
        folders.Prepare();
        return network.DownAsync(cancel);
    }

    public async Task<string> HealthAsync(CancellationToken cancel)
    {
        folders.EnsureUsable();
        network.EnsureBridgeExists();
        var tools = new LxcTools(folders.Path, folders.Path);
        var version = (await tools.RunAsync("lxc-info", ["--version"], cancel)).Output.Trim();
        var count = folders.AllRecords().Count();
        return $"lxc {version}, {count} {(count == 1 ? "container" : "containers")} in {folders.Path}; "
            + await network.DescribeAsync(cancel);
    }

    internal async Task<Guest> EnsureStartedAsync(GuestRecord record, CancellationToken cancel)
    {
        var tools = await ToolsOfAsync(record, cancel);
        if (!await tools.IsRunningAsync(record.Name, cancel))
        {
            if (record.Slot is { } slot)
            {
                await slots.AcquireAsync(folders.RecordFile(record.Name), cancel, wanted: slot);
                await DiskOf(record, tools).EnsureMountedAsync(cancel);
            }

            record = await ConnectAsync(record, cancel);
            await new LxcStarter(folders.Path, record.Name, tools).StartAsync(cancel);
        }

        return await DescribeAsync(Save(record with { Boot = HostState.Boot, StartFailed = false }, record), running: true, cancel);
    }

    // Before each start, since the network may be gone after a restart of the machine.
    internal async Task<GuestRecord> ConnectAsync(GuestRecord record, CancellationToken cancel)
    {
        network.EnsureBridgeExists();
        return Save(record with { NetworkNote = await network.ConnectAsync(record, folders.PathOf(record), cancel) }, record);
    }

    internal GuestRecord Save(GuestRecord record, GuestRecord before)
    {
        if (record != before)
        {
            record.Write(folders.RecordFile(record.Name));
        }

        return record;
    }

    private async Task EnsureStoppedAsync(GuestRecord record, CancellationToken cancel)
    {
        var tools = await ToolsOfAsync(record, cancel);
        if (await tools.IsRunningAsync(record.Name, cancel))
        {
            // After the timeout lxc-stop kills the container.
            await tools.RunAsync(
                "lxc-stop",
                ["-P", folders.PathOf(record), "-n", record.Name, "-t", StopTimeoutSeconds],
                cancel,
                step: $"stopping {record.Name}"
            );
            if (await tools.IsRunningAsync(record.Name, cancel))
            {
                throw new ForgeException(ExitCode.Unavailable, $"{record.Name} did not stop");
            }
        }

        await DiskOf(record, tools).UnmountAsync(cancel);
    }

    /// <summary>Ends the container at once and unmounts its disk.</summary>
    internal async Task KillAsync(GuestRecord record, LxcTools tools, CancellationToken cancel)
    {
        if (IsDefined(record))
        {
            await tools.RunOnAsync("lxc-stop", record.Name, cancel, "-k");
        }

        if (await tools.IsRunningAsync(record.Name, cancel))
        {
            throw new ForgeException(ExitCode.Unavailable, $"{record.Name} is still running");
        }

        await DiskOf(record, tools).UnmountAsync(cancel);
    }

    private async Task RemoveAsync(GuestRecord record, CancellationToken cancel)
    {
        var tools = await ToolsOfAsync(record, cancel);
        var folder = Path.Combine(folders.Path, record.Name);
        await snapshots.ThawAsync(record);
        if (Directory.Exists(folder))
        {
            await KillAsync(record, tools, cancel);
            await new SnapshotStore(folders.FolderOf(record), tools).CleanAsync(cancel);

            // Programs whose forge was killed may still write files.
            for (var i = 0; i < RemoveAttempts && Directory.Exists(folder); i++)
            {
                await Task.Delay(i * RemoveDelay, cancel);

                // --one-file-system: keep the contents of a mount that is left over.
                await tools.RunAsync("rm", ["-rf", "--one-file-system", folder], cancel, step: $"removing the files of {record.Name}");
            }
        }

        if (Directory.Exists(folder))
        {
            throw new ForgeException(ExitCode.Unavailable, $"cannot remove all files of {record.Name}");
        }
    }

    internal async Task<Guest> DescribeAsync(GuestRecord record, bool running, CancellationToken cancel)
    {
        var status =
            !record.Ready ? "creating"
            : running ? "running"
            : "stopped";
        var address =
            !running ? null
            : network.Bridge is null ? network.AddressOf(record.Name)
            : await (await ToolsOfAsync(record, cancel)).GetAddressAsync(record.Name, cancel);
        var privileged = record.Slot is null && record.Ready ? Privileged : null;
        var note = Join(privileged, Join(record.Note, record.NetworkNote));
        return new Guest(record.Name, record.Name, record.Key, record.Template, status, address, note)
        {
            SshUser = templates.AcceptsSshKeys(record.Template) ? "root" : null,
            Interrupted = status == "stopped" && record.Boot is { } boot && boot != HostState.Boot,
            Network = record.Network,
            Hostname = record.Hostname,
            Size = record.Ready ? SizeOf(record) : new GuestSize(null, null, null),
        };
    }

    private GuestSize SizeOf(GuestRecord record)
    {
        var tools = new LxcTools(folders.PathOf(record), folders.Path);
        return new LxcLimits(folders.Path, record.Name, tools).Read() with { Disk = DiskOf(record, tools).SizeGiB };
    }

    private static string? Join(string? note, string? other) => note is null || other is null ? note ?? other : $"{note}; {other}";

    // After a snapshot or restore that was cut short is ended.
    internal Task<GuestRecord> GetRecoveredAsync(string id, string? key, CancellationToken cancel) =>
        snapshots.RecoverAsync(GetRecord(id, key), cancel);

    internal GuestRecord GetRecord(string id, string? key) =>
        GuestRecord.Read(folders.RecordFile(id)) is { } record && (!record.Ready || IsDefined(record)) && (key is null || record.Key == key)
            ? record
            : throw new ForgeException(ExitCode.NotFound, $"container {id} does not exist");

    private bool IsDefined(GuestRecord record) => LxcTools.IsDefined(folders.Path, record.Name);

    // After a restart of the machine a second path of the folder is bound again, before lxc looks at it.
    internal async Task<LxcTools> ToolsOfAsync(GuestRecord record, CancellationToken cancel)
    {
        var path = folders.PathOf(record);
        await passable.EnsureAsync(path, cancel);
        return new LxcTools(path, folders.Path);
    }

    internal LxcDisk DiskOf(GuestRecord record, LxcTools tools) => new(folders.FolderOf(record), tools);

    internal Task<FileStream> LockAsync(string name, CancellationToken cancel, TimeSpan? timeout = null)
    {
        folders.Prepare();
        return FileLock.AcquireAsync(Path.Combine(folders.Locks, name), $"working on {name}", timeout ?? lockTimeout, cancel);
    }
}
