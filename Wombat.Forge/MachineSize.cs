using System.Globalization;

namespace Wombat.Forge;

/// <summary>What this machine has, and what of it is not in use.</summary>
/// <param name="MemoryMiB">Null if the kernel does not tell.</param>
/// <param name="FreeMemoryMiB">Memory that programs can get without swapping; null if the kernel does not tell.</param>
/// <param name="FreeDiskGiB">Of the file system of the folder, rounded down.</param>
internal sealed record MachineSize(int Cores, int? MemoryMiB, int? FreeMemoryMiB, int FreeDiskGiB)
{
    private const long KiBPerMiB = 1024;
    private const long GiB = 1024L * 1024 * 1024;

    /// <param name="folder">A folder on the file system that holds the containers.</param>
    public static MachineSize Read(string folder) =>
        new(
            Environment.ProcessorCount,
            ReadMemory("MemTotal:"),
            ReadMemory("MemAvailable:"),
            (int)(new DriveInfo(folder).AvailableFreeSpace / GiB)
        );

    // MemTotal:       24684568 kB
    private static int? ReadMemory(string name) =>
        File.ReadLines("/proc/meminfo")
            .Where(l => l.StartsWith(name, StringComparison.Ordinal))
            .Select(l => l[name.Length..].Trim().Split(' ')[0])
            .Select(n => long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? (int?)(size / KiBPerMiB) : null)
            .FirstOrDefault();
}
