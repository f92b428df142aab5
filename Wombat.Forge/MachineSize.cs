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

    /// <param name="folder">The folder that holds the containers or will hold them.</param>
    public static MachineSize Read(string folder)
    {
        var existing = folder;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        var free = (int)(new DriveInfo(existing).AvailableFreeSpace / GiB);
        return new MachineSize(Environment.ProcessorCount, ReadMemory("MemTotal:"), ReadMemory("MemAvailable:"), free);
    }

    // MemTotal:       24684568 kB
    private static int? ReadMemory(string name) =>
        File.ReadLines("/proc/meminfo")
            .Where(l => l.StartsWith(name, StringComparison.Ordinal))
            .Select(l => l[name.Length..].Trim().Split(' ')[0])
            .Select(n => long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? (int?)(size / KiBPerMiB) : null)
            .FirstOrDefault();
}
