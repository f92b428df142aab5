using System.Globalization;

namespace Wombat.Forge.Lxc;

/// <summary>Reads what a container uses, from the files of the kernel.</summary>
/// <param name="groups">The folders of its cgroups by controller; "" is that of version 2.</param>
internal sealed class LxcUsage(IReadOnlyDictionary<string, string> groups)
{
    private const string PayloadPrefix = "lxc.payload.";
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <param name="init">The process id of its init on this machine.</param>
    public static LxcUsage Of(int init)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in ReadLines($"/proc/{init.ToString(CultureInfo.InvariantCulture)}/cgroup"))
        {
            // 4:memory:/lxc.payload.web, or with systemd inside 0::/lxc.payload.web/init.scope
            if (line.Split(':', 3) is not [_, var controllers, var path] || Payload(path) is not { } payload)
            {
                continue;
            }

            var mount = controllers.Length == 0 && Directory.Exists("/sys/fs/cgroup/unified") ? "unified" : controllers;
            foreach (var controller in controllers.Split(','))
            {
                groups[controller] = Path.Combine("/sys/fs/cgroup", mount, payload);
            }
        }

        return new LxcUsage(groups);
    }

    public long? CpuMs =>
        Number("cpuacct", "cpuacct.usage") is { } nanoseconds ? nanoseconds / NanosecondsPerMillisecond
        : Field("", "cpu.stat", "usage_usec") is { } microseconds ? microseconds / 1000
        : null;

    public long? Memory =>
        Number("memory", "memory.usage_in_bytes") is { } used ? used - (Field("memory", "memory.stat", "total_inactive_file") ?? 0)
        : Number("", "memory.current") is { } current ? current - (Field("", "memory.stat", "inactive_file") ?? 0)
        : null;

    public long? Processes => Number("pids", "pids.current") ?? Number("", "pids.current");

    /// <summary>The content of a file of one of its cgroups; null if it cannot be read.</summary>
    /// <param name="controller">The controller of version 1; empty for version 2.</param>
    public string? Read(string controller, string file) =>
        groups.TryGetValue(controller, out var folder) && ReadLines(Path.Combine(folder, file)) is [var line, ..] ? line.Trim() : null;

    /// <summary>The start of a process, in ticks since the boot of the machine.</summary>
    public static long? StartOf(int process)
    {
        // The second field is a name in parentheses, which may have any characters; the start is the 22nd.
        const int FieldsBetween = 19;
        var stat = ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat").FirstOrDefault() ?? "";
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > FieldsBetween ? Parse(fields[FieldsBetween]) : null;
    }

    /// <summary>Bytes in use on a mounted disk; null if there is none.</summary>
    /// <param name="mounts">The mount points of the machine.</param>
    public static long? DiskOf(string root, IReadOnlySet<string> mounts)
    {
        if (!mounts.Contains(root))
        {
            return null;
        }

        var disk = new DriveInfo(root);
        return disk.TotalSize - disk.TotalFreeSpace;
    }

    /// <summary>What a container has received and sent; its link's other end counts the same bytes the other way round.</summary>
    public static (long? Received, long? Sent) LinkOf(string? link) =>
        link is null
            ? (null, null)
            : (ReadNumber($"/sys/class/net/{link}/statistics/tx_bytes"), ReadNumber($"/sys/class/net/{link}/statistics/rx_bytes"));

    private static string? Payload(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var last = Array.FindIndex(parts, p => p.StartsWith(PayloadPrefix, StringComparison.Ordinal));
        return last < 0 ? null : Path.Combine(parts[..(last + 1)]);
    }

    private long? Number(string controller, string file) =>
        groups.TryGetValue(controller, out var folder) ? ReadNumber(Path.Combine(folder, file)) : null;

    private long? Field(string controller, string file, string field) =>
        groups.TryGetValue(controller, out var folder)
        && ReadLines(Path.Combine(folder, file)).FirstOrDefault(l => l.StartsWith(field + " ", StringComparison.Ordinal)) is { } line
            ? Parse(line[(field.Length + 1)..])
            : null;

    private static long? ReadNumber(string file) => ReadLines(file) is [var line, ..] ? Parse(line) : null;

    private static long? Parse(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;

    // The container may end at any time.
    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
