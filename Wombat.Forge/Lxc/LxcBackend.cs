using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>LXC containers on this machine, in one folder that belongs to Wombat. Containers in other folders are ignored.</summary>
internal sealed class LxcBackend : IBackend
{
    private const long MinFreeBytes = 256L * 1024 * 1024;
    private const string StopTimeoutSeconds = "8";
    private readonly TimeSpan lockTimeout = TimeSpan.FromSeconds(Backends.Number("FORGE_LXC_LOCK_SECONDS", 60, 1, 3600));

    private readonly string dataDirectory;
    private readonly string path;
    private readonly string records;
    private readonly string locks;
    private readonly LxcTools tools;
    private readonly LxcTemplates templates;
    private readonly LxcNetwork network;

    public LxcBackend(string dataDirectory, string? bridge)
    {
        path = Path.Combine(dataDirectory, "lxc");
        records = Path.Combine(path, ".forge");
        locks = Path.Combine(path, ".locks");
        tools = new LxcTools(path);
        templates = new LxcTemplates(path, tools, locks);
        network = new LxcNetwork(dataDirectory, bridge, NetworkSettings.Read());
        this.dataDirectory = dataDirectory;
    }

    public async Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel)
    {
        LxcTemplates.Check(request);
        EnsureUsable();
        if (new DriveInfo(path).AvailableFreeSpace < MinFreeBytes)
        {
            throw new ForgeException(
                ExitCode.Capacity,
                $"less than {MinFreeBytes / 1024 / 1024} MiB of disk space is free for containers; delete containers "
                    + "or ask an administrator for more"
            );
        }

        // A container with this key already exists: return it, even if it has another name.
        var name = request.Key is null ? request.Name : AllRecords().FirstOrDefault(r => r.Key == request.Key)?.Name ?? request.Name;
        await using var containerLock = await LockAsync(name, cancel);
        if (GuestRecord.Read(RecordFile(name)) is { } record)
        {
            if (request.Key is null || record.Key != request.Key)
            {
                throw new ForgeException(ExitCode.Conflict, $"{name} already exists");
            }

            if (record.Ready)
            {
                await Console.Error.WriteLineAsync($"{name} already exists with this key");
                return await EnsureStartedAsync(record, cancel);
            }

            await Console.Error.WriteLineAsync($"Found an incomplete container {name}; recreating it");
            await RemoveAsync(name, cancel);
        }
        else if (Directory.Exists(Path.Combine(path, name)))
        {
            throw new ForgeException(ExitCode.Conflict, $"{name} already exists and was not created by forge");
        }

        network.EnsureBridgeExists();
        var draft = new GuestRecord(name, request.Key, request.Template, Ready: false, Note: null)
        {
            Network = request.Network,
            Hostname = request.Hostname,
        };
        draft.Write(RecordFile(name));
        draft = await ConnectAsync(draft, cancel);
        await templates.CreateAsync(name, request, network.ConfigFile(name), cancel);
        PrivateFiles.EnsureFolder(Path.Combine(path, name));
        var limits = new LxcLimits(path, name, tools);
        limits.Configure(request);
        var note = await limits.StartAsync(request, cancel);
        var ready = draft with { Ready = true, Note = note };
        ready.Write(RecordFile(name));
        await Console.Error.WriteLineAsync($"{name} started");
        return await DescribeAsync(ready, running: true, cancel);
    }

    public async Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel)
    {
        Prepare();
        var known = AllRecords().ToList();
        var running = known.Count == 0 ? [] : await tools.ListRunningAsync(cancel);
        var problem = await network.TryRestoreAsync(known.Select(r => r.Name).ToHashSet(StringComparer.Ordinal), running, cancel);
        var guests = new List<Guest>();
        foreach (var record in known.Where(r => !r.Ready || tools.IsDefined(r.Name)))
        {
            var guest = await DescribeAsync(record, running.Contains(record.Name), cancel);
            guests.Add(problem is null || record.Network is null ? guest : guest with { Note = Join(guest.Note, problem) });
        }

        return guests;
    }

    public async Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel)
    {
        Prepare();
        var record = GetRecord(id, key);
        return await DescribeAsync(record, await tools.IsRunningAsync(id, cancel), cancel);
    }

    public async Task<Guest> StartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        return await EnsureStartedAsync(GetRecord(id, key), cancel);
    }

    public async Task<Guest> StopAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        var record = GetRecord(id, key);
        await EnsureStoppedAsync(id, cancel);
        return await DescribeAsync(record, running: false, cancel);
    }

    public async Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var containerLock = await LockAsync(id, cancel);
        var record = GetRecord(id, key);
        await EnsureStoppedAsync(id, cancel);
        return await EnsureStartedAsync(record, cancel);
    }

    public async Task DeleteAsync(string id, string? key, CancellationToken cancel)
    {
        await using (await LockAsync(id, cancel))
        {
            var record = GuestRecord.Read(RecordFile(id));
            if (record is null || key is not null && record.Key != key)
            {
                throw new ForgeException(ExitCode.NotFound, $"container {id} does not exist");
            }

            await RemoveAsync(id, cancel);
            await network.LeaveAsync(id, cancel);
            File.Delete(RecordFile(id));
        }

        await Console.Error.WriteLineAsync($"{id} deleted");
    }

    // Written by a shell inside the container: root there may have created symbolic links that a write from the host would follow.
    public async Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel)
    {
        const string Script =
            "umask 077 && mkdir -p /root/.ssh && printf '%s\\n' \"$@\" > /root/.ssh/"
            + LxcTemplates.KeyFile
            + ".new && mv -f /root/.ssh/"
            + LxcTemplates.KeyFile
            + ".new /root/.ssh/"
            + LxcTemplates.KeyFile;
        await using var containerLock = await LockAsync(id, cancel);
        var record = GetRecord(id, key);
        if (!await tools.IsRunningAsync(id, cancel))
        {
            throw new ForgeException(ExitCode.Conflict, $"{id} is not running");
        }

        var exitCode = await tools.RunInsideAsync(id, ["/bin/sh", "-c", Script, "sh", LxcTemplates.KeyFileHeader, .. sshKeys], cancel);
        return exitCode == 0
            ? await DescribeAsync(record, running: true, cancel)
            : throw new ForgeException(
                ExitCode.Failed,
                $"cannot write the SSH keys of {id}: the shell in the container exited with code {exitCode}; check whether the "
                    + "container's disk is full or read-only"
            );
    }

    // Without the lock: a stop or delete must not wait for a command or console.
    public async Task<ChildCommand> AttachAsync(string id, string? key, InsideCommand command, CancellationToken cancel)
    {
        Prepare();
        GetRecord(id, key);
        return await tools.IsRunningAsync(id, cancel)
            ? LxcAttach.Command(path, id, command)
            : throw new ForgeException(ExitCode.Conflict, $"{id} is not running");
    }

    public async Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel)
    {
        const int MaxLines = 1000;
        Prepare();
        GetRecord(id, null);
        var file = Path.Combine(path, id, "console.log");
        return File.Exists(file) ? [.. (await File.ReadAllLinesAsync(file, cancel)).TakeLast(MaxLines)] : [];
    }

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) => Task.FromResult(LxcTemplates.All);

    public Task<int> RemoveNetworksAsync(CancellationToken cancel)
    {
        Prepare();
        return network.DownAsync(cancel);
    }

    public async Task<string> HealthAsync(CancellationToken cancel)
    {
        EnsureUsable();
        network.EnsureBridgeExists();
        var version = (await tools.RunAsync("lxc-info", ["--version"], cancel)).Output.Trim();
        var count = AllRecords().Count();
        return $"lxc {version}, {count} {(count == 1 ? "container" : "containers")} in {path}; " + await network.DescribeAsync(cancel);
    }

    // Without root the records could not be read, and every container would look removed.
    private void Prepare()
    {
        if (Environment.UserName != "root")
        {
            throw new ForgeException(
                ExitCode.NotAuthorized,
                "local containers require root: an administrator must run Wombat as root or set FORGE_BACKEND=pve"
            );
        }

        if (!Directory.Exists(dataDirectory))
        {
            Directory.CreateDirectory(dataDirectory, PrivateFiles.FolderMode);
        }

        // A setuid file inside a container must not be reachable for other accounts of this machine.
        PrivateFiles.EnsureFolder(path);
        PrivateFiles.EnsureFolder(records);
        PrivateFiles.EnsureFolder(locks);
    }

    // Reported here because lxc's own error does not name the cause.
    private void EnsureUsable()
    {
        Prepare();

        // lxc's templates are shell scripts that do not quote the path.
        if (path.Any(c => char.IsWhiteSpace(c) || "$`\"\\*?[".Contains(c)))
        {
            throw new ForgeException(
                ExitCode.Usage,
                "the data folder cannot hold local containers: lxc accepts no path with white space "
                    + "or any of $ ` \" \\ * ? [; an administrator must set WOMBAT_DATA_DIR to another folder"
            );
        }
    }

    private async Task<Guest> EnsureStartedAsync(GuestRecord record, CancellationToken cancel)
    {
        if (!await tools.IsRunningAsync(record.Name, cancel))
        {
            var connected = await ConnectAsync(record, cancel);
            if (connected != record)
            {
                connected.Write(RecordFile(record.Name));
                record = connected;
            }

            await new LxcLimits(path, record.Name, tools).StartOnceAsync(cancel);
        }

        return await DescribeAsync(record, running: true, cancel);
    }

    // Before each start, since the network may be gone after a restart of the machine.
    private async Task<GuestRecord> ConnectAsync(GuestRecord record, CancellationToken cancel)
    {
        network.EnsureBridgeExists();
        var note = await network.ConnectAsync(record, cancel);
        return record with { NetworkNote = note };
    }

    private async Task EnsureStoppedAsync(string name, CancellationToken cancel)
    {
        if (await tools.IsRunningAsync(name, cancel))
        {
            // After the timeout lxc-stop kills the container.
            await tools.RunAsync("lxc-stop", ["-P", path, "-n", name, "-t", StopTimeoutSeconds], cancel, step: $"stopping {name}");
            if (await tools.IsRunningAsync(name, cancel))
            {
                throw new ForgeException(ExitCode.Unavailable, $"{name} did not stop");
            }
        }
    }

    private async Task RemoveAsync(string name, CancellationToken cancel)
    {
        var folder = Path.Combine(path, name);
        if (File.Exists(Path.Combine(folder, "config")))
        {
            await tools.RunOnAsync("lxc-stop", name, cancel, "-k");
            await tools.RunOnAsync("lxc-destroy", name, cancel, "-f");
        }

        if (Directory.Exists(folder))
        {
            if (await tools.IsRunningAsync(name, cancel))
            {
                throw new ForgeException(ExitCode.Unavailable, $"{name} is still running");
            }

            // --one-file-system: keep the contents of a mount that is left over.
            await tools.RunAsync("rm", ["-rf", "--one-file-system", folder], cancel, step: $"removing the files of {name}");
        }

        if (Directory.Exists(folder))
        {
            throw new ForgeException(ExitCode.Unavailable, $"cannot remove all files of {name}");
        }
    }

    private async Task<Guest> DescribeAsync(GuestRecord record, bool running, CancellationToken cancel)
    {
        var status =
            !record.Ready ? "creating"
            : running ? "running"
            : "stopped";
        var address =
            !running ? null
            : network.Bridge is null ? network.AddressOf(record.Name)
            : await tools.GetAddressAsync(record.Name, cancel);
        return new Guest(record.Name, record.Name, record.Key, record.Template, status, address, Join(record.Note, record.NetworkNote))
        {
            SshUser = LxcTemplates.All.Any(t => t.Name == record.Template && t.AcceptsSshKeys) ? "root" : null,
        };
    }

    private static string? Join(string? note, string? other) => note is null || other is null ? note ?? other : $"{note}; {other}";

    private GuestRecord GetRecord(string id, string? key) =>
        GuestRecord.Read(RecordFile(id)) is { } record && (!record.Ready || tools.IsDefined(id)) && (key is null || record.Key == key)
            ? record
            : throw new ForgeException(ExitCode.NotFound, $"container {id} does not exist");

    private IEnumerable<GuestRecord> AllRecords() =>
        Directory.EnumerateFiles(records, "*.json").Select(GuestRecord.Read).OfType<GuestRecord>();

    private string RecordFile(string name) => Path.Combine(records, name + ".json");

    private Task<FileStream> LockAsync(string name, CancellationToken cancel)
    {
        Prepare();
        return FileLock.AcquireAsync(Path.Combine(locks, name), $"working on {name}", lockTimeout, cancel);
    }
}
