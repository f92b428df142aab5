namespace Wombat.Forge.Lxc;

/// <summary>Measures what running containers use.</summary>
internal sealed class LxcMeasurements(LxcBackend backend, LxcFolders folders, LxcNetwork network)
{
    /// <inheritdoc cref="IBackend.MeasureAsync"/>
    public async Task<IReadOnlyList<GuestUsage>> TakeAsync(CancellationToken cancel)
    {
        folders.Prepare();
        var mounts = Mounts.All();
        var all = new List<GuestUsage>();
        foreach (var group in folders.AllRecords().Where(r => r.Ready).GroupBy(folders.PathOf, StringComparer.Ordinal))
        {
            var tools = await backend.ToolsOfAsync(group.First(), cancel);
            var running = await tools.ListRunningAsync(cancel);
            foreach (var record in group.Where(r => running.Contains(r.Name)))
            {
                if (await tools.GetInitAsync(record.Name, cancel) is { } init)
                {
                    all.Add(Measure(record, init, mounts));
                }
            }
        }

        return all;
    }

    private GuestUsage Measure(GuestRecord record, int init, IReadOnlySet<string> mounts)
    {
        var usage = LxcUsage.Of(init);
        var (received, sent) = LxcUsage.LinkOf(network.InterfaceOf(record.Name));
        var disk = LxcUsage.DiskOf(Path.Combine(folders.FolderOf(record), "rootfs"), mounts);
        return new GuestUsage(
            record.Name,
            record.Key,
            LxcUsage.StartOf(init),
            usage.CpuMs,
            usage.Memory,
            disk,
            received,
            sent,
            usage.Processes
        );
    }
}
