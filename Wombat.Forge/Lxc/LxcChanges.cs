namespace Wombat.Forge.Lxc;

/// <summary>Changes of existing containers that keep their files, each under the lock of its container.</summary>
internal sealed class LxcChanges(LxcBackend backend, LxcFolders folders)
{
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
        var disk = backend.DiskOf(record, tools);
        await disk.EnsureMountedAsync(cancel);
        await new LxcRoot(folders.FolderOf(record), new IdRange(slot), tools).SetHostnameAsync(hostname, cancel);
        if (isRunning)
        {
            if (await tools.RunInsideAsync(id, ["hostname", hostname], cancel) != 0)
            {
                await Console.Error.WriteLineAsync($"{id} gets its host name at its next start, since it has no program hostname");
            }
        }
        else
        {
            await disk.UnmountAsync(cancel);
        }

        await Console.Error.WriteLineAsync($"{id} has the host name {hostname}");
        return await backend.DescribeAsync(record, isRunning, cancel);
    }
}
