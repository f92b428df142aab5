using System.Globalization;

namespace Wombat.Forge.Lxc;

/// <summary>CPU and memory limits by cgroups. Limits that the kernel does not apply are reported.</summary>
internal sealed class LxcLimits(string path, string name, LxcTools tools)
{
    private const int PeriodMicroseconds = 100_000;
    private const long MiB = 1024 * 1024;
    private const string Marker = "# forge limits";
    private static readonly bool Unified = File.Exists("/sys/fs/cgroup/cgroup.controllers");

    private string ConfigFile => Path.Combine(path, name, "config");

    private string LogFile => Path.Combine(path, name, "lxc.log");

    private static string MemoryFile => Unified ? "memory.max" : "memory.limit_in_bytes";

    private static string CpuFile => Unified ? "cpu.max" : "cpu.cfs_quota_us";

    public void Configure(CreateRequest request)
    {
        var prefix = Unified ? "lxc.cgroup2." : "lxc.cgroup.";
        var lines = new List<string> { Marker };
        if (request.Memory is { } memory)
        {
            lines.Add($"{prefix}{MemoryFile} = {(memory * MiB).ToString(CultureInfo.InvariantCulture)}");
        }

        if (request.Cpu is { } cpu)
        {
            var quota = ((long)cpu * PeriodMicroseconds).ToString(CultureInfo.InvariantCulture);
            lines.Add(Unified ? $"{prefix}cpu.max = {quota} {PeriodMicroseconds}" : $"{prefix}cpu.cfs_quota_us = {quota}");
        }

        File.AppendAllLines(ConfigFile, lines);
    }

    /// <summary>Starts the container with its limits, or without them if it does not start with them.</summary>
    /// <returns>A note that names the limits that were not applied; null if all were.</returns>
    public async Task<string?> StartAsync(CreateRequest request, CancellationToken cancel)
    {
        var notApplied = new List<string>();
        if (request.Memory is null && request.Cpu is null)
        {
            await StartOnceAsync(cancel);
        }
        else if (!await TryStartAsync(cancel))
        {
            await Console.Error.WriteLineAsync($"{name} does not start with its limits; starting it without limits");
            var lines = await File.ReadAllLinesAsync(ConfigFile, cancel);
            await File.WriteAllLinesAsync(ConfigFile, lines.TakeWhile(l => l != Marker), cancel);
            await StartOnceAsync(cancel);
        }

        if (
            request.Memory is { } memory
            && await ReadLimitAsync(MemoryFile, cancel) != (memory * MiB).ToString(CultureInfo.InvariantCulture)
        )
        {
            notApplied.Add("memory");
        }

        if (
            request.Cpu is { } cpu
            && !(await ReadLimitAsync(CpuFile, cancel)).StartsWith(
                ((long)cpu * PeriodMicroseconds).ToString(CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            )
        )
        {
            notApplied.Add("cpu");
        }

        if (request.Disk is not null)
        {
            notApplied.Add("disk");
        }

        return notApplied.Count == 0 ? null : $"limits not applied on this machine: {string.Join(", ", notApplied)}";
    }

    /// <exception cref="ForgeException">Failed: the container does not start.</exception>
    public async Task StartOnceAsync(CancellationToken cancel)
    {
        var before = File.Exists(LogFile) ? new FileInfo(LogFile).Length : 0;
        if (!await TryStartAsync(cancel))
        {
            throw new ForgeException(ExitCode.Failed, $"cannot start {name}: {await ReadStartErrorAsync(before, cancel)}");
        }
    }

    // The first error is the cause; the errors after it are consequences.
    private async Task<string> ReadStartErrorAsync(long from, CancellationToken cancel)
    {
        const int MaxLength = 300;
        if (!File.Exists(LogFile))
        {
            return "lxc logged no reason";
        }

        using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = log.Length >= from ? from : 0;
        using var reader = new StreamReader(log);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            // lxc-start web 20260101120000.000 ERROR    utils - ../src/lxc/utils.c:open:12 - No such file - Failed to open
            if (line.Contains(" ERROR ", StringComparison.Ordinal) && line.Split(" - ", 3) is [_, _, var message])
            {
                return tools.RemovePath(message.Length <= MaxLength ? message : message[..MaxLength]);
            }
        }

        return "lxc logged no reason";
    }

    private async Task<bool> TryStartAsync(CancellationToken cancel)
    {
        await tools.RunOnAsync("lxc-start", name, cancel, "-d", "-o", LogFile, "-l", "ERROR");
        return await tools.IsRunningAsync(name, cancel);
    }

    private async Task<string> ReadLimitAsync(string file, CancellationToken cancel) =>
        (await tools.RunOnAsync("lxc-cgroup", name, cancel, file)).Output.Trim();
}
