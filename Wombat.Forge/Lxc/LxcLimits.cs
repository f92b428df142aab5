using System.Globalization;

namespace Wombat.Forge.Lxc;

/// <summary>Cpu and memory limits as the kernel's cgroups allow; what could not be applied is told, not hidden.</summary>
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

    /// <summary>Starts it with the limits, or without where they keep it from starting. Answers what was not applied.</summary>
    public async Task<string?> StartAsync(CreateRequest request, CancellationToken cancel)
    {
        var missing = new List<string>();
        if (request.Memory is null && request.Cpu is null)
        {
            await StartOnceAsync(cancel);
        }
        else if (!await TryStartAsync(cancel))
        {
            await Console.Error.WriteLineAsync("it does not start with its limits; starting it without");
            var lines = await File.ReadAllLinesAsync(ConfigFile, cancel);
            await File.WriteAllLinesAsync(ConfigFile, lines.TakeWhile(l => l != Marker), cancel);
            await StartOnceAsync(cancel);
        }

        if (request.Memory is { } memory && await ReadAsync(MemoryFile, cancel) != (memory * MiB).ToString(CultureInfo.InvariantCulture))
        {
            missing.Add("memory");
        }

        if (
            request.Cpu is { } cpu
            && !(await ReadAsync(CpuFile, cancel)).StartsWith(
                ((long)cpu * PeriodMicroseconds).ToString(CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            )
        )
        {
            missing.Add("cpu");
        }

        if (request.Disk is not null)
        {
            missing.Add("disk");
        }

        return missing.Count == 0 ? null : $"not limited on this machine: {string.Join(", ", missing)}";
    }

    /// <exception cref="ForgeException">It does not start.</exception>
    public async Task StartOnceAsync(CancellationToken cancel)
    {
        var before = File.Exists(LogFile) ? new FileInfo(LogFile).Length : 0;
        if (!await TryStartAsync(cancel))
        {
            throw new ForgeException(ExitCode.Failed, $"{name} does not start: {await ReasonAsync(before, cancel)}");
        }
    }

    // The first error is the cause; those after it say that what needed it failed, too.
    private async Task<string> ReasonAsync(long from, CancellationToken cancel)
    {
        const int Most = 300;
        if (!File.Exists(LogFile))
        {
            return "lxc does not say why";
        }

        using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = log.Length >= from ? from : 0;
        using var reader = new StreamReader(log);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            // lxc-start web 20260101120000.000 ERROR    utils - ../src/lxc/utils.c:open:12 - No such file - Failed to open
            if (line.Contains(" ERROR ", StringComparison.Ordinal) && line.Split(" - ", 3) is [_, _, var said])
            {
                return tools.WithoutPath(said.Length <= Most ? said : said[..Most]);
            }
        }

        return "lxc does not say why";
    }

    private async Task<bool> TryStartAsync(CancellationToken cancel)
    {
        await tools.OnAsync("lxc-start", name, cancel, "-d", "-o", LogFile, "-l", "ERROR");
        return await tools.IsRunningAsync(name, cancel);
    }

    private async Task<string> ReadAsync(string file, CancellationToken cancel) =>
        (await tools.OnAsync("lxc-cgroup", name, cancel, file)).Output.Trim();
}
