using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Real containers of this machine, all of them in one folder of Wombat's own; other folders' are neither seen nor touched.</summary>
internal sealed class LxcBackend : IBackend
{
    private const long LeastFreeBytes = 256L * 1024 * 1024;
    private const string StopPatience = "8";
    private readonly TimeSpan lockPatience = TimeSpan.FromSeconds(Backends.Number("FORGE_LXC_LOCK_SECONDS", 60, 1, 3600));

    private readonly string dataDirectory;
    private readonly string path;
    private readonly string records;
    private readonly string locks;
    private readonly LxcTools tools;
    private readonly LxcTemplates templates;
    private readonly string? bridge;

    public LxcBackend(string dataDirectory, string? bridge)
    {
        path = Path.Combine(dataDirectory, "lxc");
        records = Path.Combine(path, ".forge");
        locks = Path.Combine(path, ".locks");
        tools = new LxcTools(path);
        templates = new LxcTemplates(path, tools, locks);
        this.bridge = bridge;
        this.dataDirectory = dataDirectory;
    }

    public async Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel)
    {
        LxcTemplates.Check(request);
        EnsureUsable();
        if (new DriveInfo(path).AvailableFreeSpace < LeastFreeBytes)
        {
            throw new ForgeException(
                ExitCode.Capacity,
                $"less than {LeastFreeBytes / 1024 / 1024} MiB are free for containers; delete some, or ask an administrator for room"
            );
        }

        // Whoever bears the key already is the answer, under whatever name it was made.
        var name = request.Key is null ? request.Name : AllRecords().FirstOrDefault(r => r.Key == request.Key)?.Name ?? request.Name;
        await using var held = await LockAsync(name, cancel);
        if (GuestRecord.Read(RecordFile(name)) is { } record)
        {
            if (request.Key is null || record.Key != request.Key)
            {
                throw new ForgeException(ExitCode.Conflict, $"{name} already exists");
            }

            if (record.Ready)
            {
                await Console.Error.WriteLineAsync($"{name} was made before");
                return await BringUpAsync(record, cancel);
            }

            await Console.Error.WriteLineAsync($"{name} was left half made; making it anew");
            await RemoveAsync(name, cancel);
        }
        else if (Directory.Exists(Path.Combine(path, name)))
        {
            throw new ForgeException(ExitCode.Conflict, $"{name} already exists and was not made by forge");
        }

        var draft = new GuestRecord(name, request.Key, request.Template, Ready: false, Note: null);
        draft.Write(RecordFile(name));
        await templates.MakeAsync(name, request, bridge, cancel);
        PrivateFiles.EnsureFolder(Path.Combine(path, name));
        var limits = new LxcLimits(path, name, tools);
        limits.Configure(request);
        var note = await limits.StartAsync(request, cancel);
        var ready = draft with { Ready = true, Note = note };
        ready.Write(RecordFile(name));
        await Console.Error.WriteLineAsync($"{name} runs");
        return await DescribeAsync(ready, running: true, cancel);
    }

    public async Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel)
    {
        Prepare();
        var known = AllRecords().ToList();
        var running = known.Count == 0 ? [] : await tools.RunningAsync(cancel);
        var guests = new List<Guest>();
        foreach (var record in known.Where(r => !r.Ready || tools.IsDefined(r.Name)))
        {
            guests.Add(await DescribeAsync(record, running.Contains(record.Name), cancel));
        }

        return guests;
    }

    public async Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel)
    {
        Prepare();
        var record = Existing(id, key);
        return await DescribeAsync(record, await tools.IsRunningAsync(id, cancel), cancel);
    }

    public async Task<Guest> StartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var held = await LockAsync(id, cancel);
        return await BringUpAsync(Existing(id, key), cancel);
    }

    public async Task<Guest> StopAsync(string id, string? key, CancellationToken cancel)
    {
        await using var held = await LockAsync(id, cancel);
        var record = Existing(id, key);
        await HaltAsync(id, cancel);
        return await DescribeAsync(record, running: false, cancel);
    }

    public async Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel)
    {
        await using var held = await LockAsync(id, cancel);
        var record = Existing(id, key);
        await HaltAsync(id, cancel);
        return await BringUpAsync(record, cancel);
    }

    public async Task DeleteAsync(string id, string? key, CancellationToken cancel)
    {
        await using (await LockAsync(id, cancel))
        {
            var record = GuestRecord.Read(RecordFile(id));
            if (record is null || key is not null && record.Key != key)
            {
                throw new ForgeException(ExitCode.NotFound, $"there is no container {id}");
            }

            await RemoveAsync(id, cancel);
            File.Delete(RecordFile(id));
        }

        await Console.Error.WriteLineAsync($"{id} is gone");
    }

    // By a shell inside of the container: whoever is root there may have made a link of any name that the host would follow.
    public async Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel)
    {
        const string Script =
            "umask 077 && mkdir -p /root/.ssh && printf '%s\\n' \"$@\" > /root/.ssh/"
            + LxcTemplates.KeyFile
            + ".new && mv -f /root/.ssh/"
            + LxcTemplates.KeyFile
            + ".new /root/.ssh/"
            + LxcTemplates.KeyFile;
        await using var held = await LockAsync(id, cancel);
        var record = Existing(id, key);
        if (!await tools.IsRunningAsync(id, cancel))
        {
            throw new ForgeException(ExitCode.Conflict, $"{id} does not run");
        }

        var done = await tools.InsideAsync(id, ["/bin/sh", "-c", Script, "sh", LxcTemplates.KeyFileHeader, .. sshKeys], cancel);
        return done == 0
            ? await DescribeAsync(record, running: true, cancel)
            : throw new ForgeException(
                ExitCode.Failed,
                $"the keys of {id} cannot be written: a shell inside of it ended with {done}; look whether its disk is full or read-only"
            );
    }

    public async Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel)
    {
        const int Last = 1000;
        Prepare();
        Existing(id, null);
        var file = Path.Combine(path, id, "console.log");
        return File.Exists(file) ? [.. (await File.ReadAllLinesAsync(file, cancel)).TakeLast(Last)] : [];
    }

    public Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel) => Task.FromResult(LxcTemplates.All);

    public async Task<string> HealthAsync(CancellationToken cancel)
    {
        EnsureUsable();
        var version = (await tools.RunAsync("lxc-info", ["--version"], cancel)).Output.Trim();
        return $"lxc {version}, {AllRecords().Count()} containers under {path}";
    }

    // Without root nothing could be read here, and all containers would look removed.
    private void Prepare()
    {
        if (Environment.UserName != "root")
        {
            throw new ForgeException(
                ExitCode.NotAuthorized,
                "local containers need root: an administrator must run Wombat as root, or set FORGE_BACKEND=pve"
            );
        }

        if (!Directory.Exists(dataDirectory))
        {
            Directory.CreateDirectory(dataDirectory, PrivateFiles.FolderMode);
        }

        // What is set to run as its owner inside of a container must be out of reach for accounts of this machine.
        PrivateFiles.EnsureFolder(path);
        PrivateFiles.EnsureFolder(records);
        PrivateFiles.EnsureFolder(locks);
    }

    // Said in words before lxc says it in its own.
    private void EnsureUsable()
    {
        Prepare();

        // lxc's templates are shell scripts that do not quote it.
        if (path.Any(c => char.IsWhiteSpace(c) || "$`\"\\*?[".Contains(c)))
        {
            throw new ForgeException(
                ExitCode.Usage,
                $"local containers cannot lie in the data folder: lxc takes no path with blanks or $ ` \" \\ * ? [ in it; an administrator must set WOMBAT_DATA_DIR to another folder"
            );
        }
    }

    private async Task<Guest> BringUpAsync(GuestRecord record, CancellationToken cancel)
    {
        if (!await tools.IsRunningAsync(record.Name, cancel))
        {
            await new LxcLimits(path, record.Name, tools).StartOnceAsync(cancel);
        }

        return await DescribeAsync(record, running: true, cancel);
    }

    private async Task HaltAsync(string name, CancellationToken cancel)
    {
        if (await tools.IsRunningAsync(name, cancel))
        {
            // After the patience lxc-stop kills what did not shut down.
            await tools.RunAsync("lxc-stop", ["-P", path, "-n", name, "-t", StopPatience], cancel, step: $"stopping {name}");
            if (await tools.IsRunningAsync(name, cancel))
            {
                throw new ForgeException(ExitCode.Unavailable, $"{name} does not stop");
            }
        }
    }

    private async Task RemoveAsync(string name, CancellationToken cancel)
    {
        var folder = Path.Combine(path, name);
        if (File.Exists(Path.Combine(folder, "config")))
        {
            await tools.OnAsync("lxc-stop", name, cancel, "-k");
            await tools.OnAsync("lxc-destroy", name, cancel, "-f");
        }

        if (Directory.Exists(folder))
        {
            if (await tools.IsRunningAsync(name, cancel))
            {
                throw new ForgeException(ExitCode.Unavailable, $"{name} still runs");
            }

            // --one-file-system: a mount that is left over is not what is to be deleted.
            await tools.RunAsync("rm", ["-rf", "--one-file-system", folder], cancel, step: $"removing the files of {name}");
        }

        if (Directory.Exists(folder))
        {
            throw new ForgeException(ExitCode.Unavailable, $"the files of {name} cannot all be removed");
        }
    }

    private async Task<Guest> DescribeAsync(GuestRecord record, bool running, CancellationToken cancel)
    {
        var status =
            !record.Ready ? "creating"
            : running ? "running"
            : "stopped";
        var address = running && bridge is not null ? await tools.AddressAsync(record.Name, cancel) : null;
        return new Guest(record.Name, record.Name, record.Key, record.Template, status, address, record.Note);
    }

    private GuestRecord Existing(string id, string? key) =>
        GuestRecord.Read(RecordFile(id)) is { } record && (!record.Ready || tools.IsDefined(id)) && (key is null || record.Key == key)
            ? record
            : throw new ForgeException(ExitCode.NotFound, $"there is no container {id}");

    private IEnumerable<GuestRecord> AllRecords() =>
        Directory.EnumerateFiles(records, "*.json").Select(GuestRecord.Read).OfType<GuestRecord>();

    private string RecordFile(string name) => Path.Combine(records, name + ".json");

    private Task<FileStream> LockAsync(string name, CancellationToken cancel)
    {
        Prepare();
        return FileLock.TakeAsync(Path.Combine(locks, name), $"works on {name}", lockPatience, cancel);
    }
}
