namespace Wombat.Forge.Lxc;

/// <summary>Changes of existing containers that keep their files, each under the lock of its container.</summary>
internal sealed class LxcChanges(LxcBackend backend, LxcFolders folders)
{
    private const string SetHostname = "printf '%s\\n' \"$1\" > /etc/hostname && hostname \"$1\"";

    /// <inheritdoc cref="IBackend.ResizeAsync"/>
    public async Task<Guest> ResizeAsync(string id, string? key, GuestSize size, CancellationToken cancel)
    {
        await using var containerLock = await backend.LockAsync(id, cancel);
        var record = await backend.GetRecoveredAsync(id, key, cancel);
        var tools = await backend.ToolsOfAsync(record, cancel);
        var running = await tools.IsRunningAsync(id, cancel);
        var limits = new LxcLimits(folders.Path, id, tools);
        var disk = backend.DiskOf(record, tools);
        if (!running)
        {
            // A container that has powered itself off leaves its disk mounted.
            await disk.UnmountAsync(cancel);
        }

        if (size.Disk is { } wanted)
        {
            disk.EnsureCanGrow(wanted);
        }

        if (size is not { Cpu: null, Memory: null })
        {
            if (!limits.Exist)
            {
                throw new ForgeException(
                    ExitCode.Usage,
                    "this machine applied no limits when the container was created, so none can change"
                );
            }

            // The limits in use first: they can be refused, and the configuration then still has those that apply.
            if (running)
            {
                await limits.ChangeAsync(size, cancel);
            }

            limits.Configure(size);
        }

        if (size.Disk is { } grown)
        {
            await disk.GrowAsync(grown, cancel);
        }

        return await backend.DescribeAsync(record, running, cancel);
    }

    /// <inheritdoc cref="IBackend.RenameAsync"/>
    public async Task<Guest> RenameAsync(string id, string? key, string hostname, CancellationToken cancel)
    {
        await using var containerLock = await backend.LockAsync(id, cancel);
        var record = await backend.GetRecoveredAsync(id, key, cancel);
        if (record.Slot is not { } slot)
        {
            throw new ForgeException(ExitCode.Conflict, $"{record.Name} is {LxcBackend.Privileged}");
        }

        // The record first: from then on each start applies the name, and a repeated call completes the rest.
        record = await backend.ConnectAsync(backend.Save(record with { Hostname = hostname }, record), cancel);
        LxcConfig.SetHostname(folders.FolderOf(record), hostname);
        var tools = await backend.ToolsOfAsync(record, cancel);
        var isRunning = await tools.IsRunningAsync(id, cancel);
        if (!isRunning)
        {
            await new LxcRoot(folders.FolderOf(record), new IdRange(slot), tools).SetHostnameAsync(hostname, cancel);
        }
        else if (await tools.RunInsideAsync(id, ["/bin/sh", "-c", SetHostname, "sh", hostname], cancel) != 0)
        {
            throw new ForgeException(ExitCode.Failed, $"cannot set the host name of {id}: its shell or its program hostname fails");
        }

        await Console.Error.WriteLineAsync($"{id} has the host name {hostname}");
        return await backend.DescribeAsync(record, isRunning, cancel);
    }
}
