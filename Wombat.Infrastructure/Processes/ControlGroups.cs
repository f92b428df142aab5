using System.Globalization;

namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Limits memory, CPU and number of processes in groups by the kernel's control groups, version 1 or 2. The groups lie below that of
/// Wombat (version 1) or beside it (version 2, where a group with processes cannot have limited subgroups), so the limits of the machine
/// hold, too.
/// </summary>
internal sealed class ControlGroups
{
    private const string Name = "wombat";
    private const string Members = "cgroup.procs";
    private const string SubtreeControl = "cgroup.subtree_control";
    private const int PeriodMicroseconds = 100_000;
    private const int MoveAttempts = 20;

    private readonly bool unified;
    private readonly string memory;
    private readonly string cpu;
    private readonly string? pids;

    private ControlGroups(bool unified, string memory, string cpu, string? pids) =>
        (this.unified, this.memory, this.cpu, this.pids) = (unified, memory, cpu, pids);

    /// <summary>Whether <see cref="TryCreate"/> can limit the number of processes.</summary>
    public bool CanLimitProcesses => pids is not null;

    /// <summary>Null where the kernel or the account does not allow limited groups.</summary>
    /// <param name="root">Where the control groups are mounted.</param>
    /// <param name="membership">The file that says to which groups Wombat belongs.</param>
    public static ControlGroups? Find(string root = "/sys/fs/cgroup", string membership = "/proc/self/cgroup")
    {
        try
        {
            // Lines of "number:controllers:path"; version 2 has no controllers.
            var own = File.ReadLines(membership).Select(l => l.Split(':', 3)).Where(f => f.Length == 3).ToList();
            var found = File.Exists(Path.Combine(root, "cgroup.controllers")) ? Unified(root, own) : Separate(root, own);
            if (found is null)
            {
                return null;
            }

            Directory.CreateDirectory(found.memory);
            Directory.CreateDirectory(found.cpu);
            Directory.CreateDirectory(found.pids ?? found.cpu);
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Limits processes and what they start from now on. Their present memory is not counted.</summary>
    /// <param name="name">Names the group.</param>
    /// <param name="find">Lists the processes; called until all are in the group.</param>
    /// <returns>False if the kernel refused a limit.</returns>
    public bool TryLimit(string name, Func<IReadOnlyList<int>> find, long memoryBytes, int cpuMillis)
    {
        try
        {
            var quota = (cpuMillis * (PeriodMicroseconds / 1000)).ToString(CultureInfo.InvariantCulture);
            Write(memory, name, unified ? "memory.max" : "memory.limit_in_bytes", memoryBytes.ToString(CultureInfo.InvariantCulture));
            Write(cpu, name, unified ? "cpu.max" : "cpu.cfs_quota_us", unified ? $"{quota} {PeriodMicroseconds}" : quota);
            return Move(Path.Combine(memory, name), find) && (unified || Move(Path.Combine(cpu, name), find));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Creates a group for a program that joins it before it starts.</summary>
    /// <param name="name">Names the group.</param>
    /// <param name="processes">The most processes and threads.</param>
    /// <returns>The files to which the program writes 0 to join; null if the kernel refuses a limit.</returns>
    public IReadOnlyList<string>? TryCreate(string name, long memoryBytes, int processes)
    {
        if (pids is null)
        {
            return null;
        }

        try
        {
            Write(memory, name, unified ? "memory.max" : "memory.limit_in_bytes", memoryBytes.ToString(CultureInfo.InvariantCulture));
            Write(pids, name, "pids.max", processes.ToString(CultureInfo.InvariantCulture));
            return [.. new[] { memory, pids }.Distinct(StringComparer.Ordinal).Select(f => Path.Combine(f, name, Members))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes a group whose processes have ended.</summary>
    public void Remove(string name)
    {
        foreach (var group in new[] { memory, cpu, pids ?? cpu }.Distinct(StringComparer.Ordinal).Select(f => Path.Combine(f, name)))
        {
            try
            {
                Directory.Delete(group);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It does not exist, or a process has not ended yet; the next start of the server uses the group again.
            }
        }
    }

    private static ControlGroups? Separate(string root, List<string[]> own)
    {
        return Of("memory") is { } memory && Of("cpu") is { } cpu ? new ControlGroups(false, memory, cpu, Of("pids")) : null;

        string? Of(string controller) =>
            own.Find(f => f[1].Split(',').Contains(controller, StringComparer.Ordinal)) is { } fields
                ? Path.Combine(root, controller, fields[2].TrimStart('/'), Name)
                : null;
    }

    private static ControlGroups? Unified(string root, List<string[]> own)
    {
        if (own.Find(f => f[1].Length == 0) is not { } fields)
        {
            return null;
        }

        var parent = Path.Combine(root, (Path.GetDirectoryName(fields[2]) ?? "/").TrimStart('/'));
        var group = Path.Combine(parent, $"{Name}-groups");
        Directory.CreateDirectory(group);
        var limitsProcesses = TryAddPids(parent, group);
        foreach (var folder in new[] { parent, group })
        {
            File.WriteAllText(Path.Combine(folder, SubtreeControl), "+memory +cpu");
        }

        return new ControlGroups(true, group, group, limitsProcesses ? group : null);
    }

    private static bool TryAddPids(string parent, string group)
    {
        try
        {
            File.WriteAllText(Path.Combine(parent, SubtreeControl), "+pids");
            File.WriteAllText(Path.Combine(group, SubtreeControl), "+pids");
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Write(string folder, string name, string file, string value)
    {
        var group = Directory.CreateDirectory(Path.Combine(folder, name));
        File.WriteAllText(Path.Combine(group.FullName, file), value);
    }

    // A process that is started between a look and a move belongs to the group of its parent: the next look finds it.
    private static bool Move(string group, Func<IReadOnlyList<int>> find)
    {
        var members = Path.Combine(group, Members);
        for (var attempt = 0; attempt < MoveAttempts; attempt++)
        {
            var inside = File.ReadLines(members).ToHashSet(StringComparer.Ordinal);
            var outside = find().Select(id => id.ToString(CultureInfo.InvariantCulture)).Where(id => !inside.Contains(id)).ToList();
            if (outside.Count == 0)
            {
                return true;
            }

            foreach (var id in outside)
            {
                MoveOne(members, id);
            }
        }

        return false;
    }

    private static void MoveOne(string members, string id)
    {
        try
        {
            File.WriteAllText(members, id);
        }
        catch (IOException)
        {
            // The process has ended; the next look does not find it.
        }
    }
}
