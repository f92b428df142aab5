using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Limits of memory, CPU and processes by cgroups. Limits that the kernel does not apply are reported.</summary>
/// <param name="path">The folder of the containers.</param>
internal sealed class LxcLimits(string path, string name, LxcTools tools)
{
    private const int PeriodMicroseconds = 100_000;
    private const long MiB = 1024 * 1024;
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private const string Marker = "# forge limits";
    private const string SwapFile = "memory.memsw.limit_in_bytes";

    private string ConfigFile => Path.Combine(path, name, "config");

    /// <summary>Adds the limits to the configuration. The number of processes is always limited.</summary>
    public void Configure(GuestSize size)
    {
        var lines = File.ReadAllLines(ConfigFile);
        var limits = Limits(size).ToList();
        var kept = lines
            .SkipWhile(l => l != Marker)
            .Skip(1)
            .Where(l => !limits.Exists(n => l.StartsWith($"{n.Key} =", StringComparison.Ordinal)));
        string[] changed = [.. lines.TakeWhile(l => l != Marker), Marker, .. kept, .. limits.Select(l => $"{l.Key} = {l.Value}")];
        PrivateFiles.Replace(ConfigFile, string.Join('\n', changed) + "\n");
    }

    /// <summary>The limits of memory and CPU in the configuration.</summary>
    public GuestSize Read()
    {
        var lines = ReadConfig().SkipWhile(l => l != Marker).ToList();
        long? Of(params string[] keys) =>
            lines
                .Select(l => l.Split('=', 2, StringSplitOptions.TrimEntries))
                .Where(l => l.Length == 2 && keys.Contains(l[0], StringComparer.Ordinal))
                .Select(l => long.TryParse(l[1].Split(' ')[0], Invariant, out var number) ? number : (long?)null)
                .FirstOrDefault(n => n > 0);
        var memory = Of("lxc.cgroup.memory.limit_in_bytes", "lxc.cgroup2.memory.max");
        var cpu = Of("lxc.cgroup.cpu.cfs_quota_us", "lxc.cgroup2.cpu.max");
        return new GuestSize((int?)(cpu / PeriodMicroseconds), (int?)(memory / MiB), null);
    }

    // Nothing when the container was just deleted.
    private string[] ReadConfig()
    {
        try
        {
            return File.ReadAllLines(ConfigFile);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Whether the container was created with limits; this machine may have applied none.</summary>
    public bool Exist => File.ReadLines(ConfigFile).Contains(Marker, StringComparer.Ordinal);

    /// <summary>Changes the limits of the running container.</summary>
    /// <exception cref="ForgeException">Conflict: it uses more memory. Failed: the kernel does not apply a limit.</exception>
    public async Task ChangeAsync(GuestSize size, CancellationToken cancel)
    {
        var limits = Limits(size).ToList();
        var swap = limits.Find(l => l.File == SwapFile);

        // The limit of memory and swap together must never be below that of memory.
        if (swap.Value is { } bytes && long.TryParse(await ReadAsync(swap, cancel), Invariant, out var before))
        {
            limits.Remove(swap);
            limits.Insert(long.Parse(bytes, Invariant) > before ? 0 : 1, swap);
        }

        foreach (var limit in limits)
        {
            await EnsureFitsAsync(limit, cancel);
            var done = await tools.RunOnAsync("lxc-cgroup", name, cancel, limit.File, limit.Value);
            var applied = await ReadAsync(limit, cancel);
            if (applied != limit.Value)
            {
                throw limit.What is "memory" or "swap" && done.ExitCode != 0 && applied.Length > 0
                    ? UsesMoreMemory()
                    : new ForgeException(ExitCode.Failed, $"this machine does not apply the limit of {limit.What}: {done.ErrorTail}");
            }
        }
    }

    // Version 2 of cgroups ends processes that use more than a new memory.max; version 1 refuses it. memory.high reclaims first.
    private async Task EnsureFitsAsync(Limit limit, CancellationToken cancel)
    {
        if (limit.File != "memory.max")
        {
            return;
        }

        string used;
        try
        {
            await tools.RunOnAsync("lxc-cgroup", name, cancel, "memory.high", limit.Value);
            used = (await tools.RunOnAsync("lxc-cgroup", name, cancel, "memory.current")).Output.Trim();
        }
        finally
        {
            await tools.RunOnAsync("lxc-cgroup", name, CancellationToken.None, "memory.high", "max");
        }

        if (long.TryParse(used, Invariant, out var bytes) && bytes > long.Parse(limit.Value, Invariant))
        {
            throw UsesMoreMemory();
        }
    }

    private ForgeException UsesMoreMemory() => new(ExitCode.Conflict, $"{name} uses more memory than that; stop it, or let it use less");

    private async Task<string> ReadAsync(Limit limit, CancellationToken cancel) =>
        (await tools.RunOnAsync("lxc-cgroup", name, cancel, limit.File)).Output.Trim();

    /// <summary>Starts the container with its limits, or without them if the machine refuses one.</summary>
    /// <returns>A note that names the limits that were not applied; null if all were.</returns>
    /// <exception cref="ForgeException">Failed: the container does not start.</exception>
    public async Task<string?> StartAsync(GuestSize size, bool isDiskLimited, CancellationToken cancel)
    {
        var starter = new LxcStarter(path, name, tools);
        if (await starter.TryStartAsync(cancel) is { } error)
        {
            if (!error.IsOfLimits)
            {
                throw error.ToException(name);
            }

            await Console.Error.WriteLineAsync($"this machine refuses a limit of {name}: {error.Message}; starting it without limits");
            var lines = await File.ReadAllLinesAsync(ConfigFile, cancel);
            await File.WriteAllLinesAsync(ConfigFile, lines.TakeWhile(l => l != Marker), cancel);
            await starter.StartAsync(cancel);
        }

        var notApplied = new List<string>();
        var groups = await tools.GetInitAsync(name, cancel) is { } init ? LxcUsage.Of(init) : null;
        foreach (var limit in Limits(size))
        {
            if ((groups?.Read(limit.Controller, limit.File) ?? await ReadAsync(limit, cancel)) != limit.Value)
            {
                notApplied.Add(limit.What);
            }
        }

        if (size.Disk is not null && !isDiskLimited)
        {
            notApplied.Add("disk");
        }

        return notApplied.Count == 0 ? null : $"limits not applied on this machine: {string.Join(", ", notApplied)}";
    }

    // A machine can have some controllers in version 1 and others in version 2.
    private static IEnumerable<Limit> Limits(GuestSize size)
    {
        var v1 = File.Exists("/proc/cgroups")
            ? File.ReadLines("/proc/cgroups")
                .Select(l => l.Split('\t'))
                .Where(f => f is [_, not "0", ..])
                .Select(f => f[0])
                .ToHashSet(StringComparer.Ordinal)
            : [];
        Limit Of(string what, string controller, (string File, string Value) first, (string File, string Value) second) =>
            v1.Contains(controller) ? new Limit(what, controller, first.File, first.Value) : new Limit(what, "", second.File, second.Value);
        if (size.Memory is { } memory)
        {
            var bytes = (memory * MiB).ToString(Invariant);
            yield return Of("memory", "memory", ("memory.limit_in_bytes", bytes), ("memory.max", bytes));
            if (v1.Contains("memory") && File.Exists($"/sys/fs/cgroup/memory/{SwapFile}"))
            {
                yield return new Limit("swap", "memory", SwapFile, bytes);
            }
        }

        if (size.Cpu is { } cpu)
        {
            var quota = ((long)cpu * PeriodMicroseconds).ToString(Invariant);
            yield return Of("cpu", "cpu", ("cpu.cfs_quota_us", quota), ("cpu.max", $"{quota} {PeriodMicroseconds}"));
        }

        var processes = Backends.Number("FORGE_LXC_PROCESSES", 2048, 64, 1_000_000).ToString(Invariant);
        yield return Of("processes", "pids", ("pids.max", processes), ("pids.max", processes));
    }

    /// <param name="Controller">The controller of version 1; empty for version 2.</param>
    private readonly record struct Limit(string What, string Controller, string File, string Value)
    {
        public string Key => (Controller.Length == 0 ? "lxc.cgroup2." : "lxc.cgroup.") + File;
    }
}
