namespace Wombat.Forge.Lxc;

/// <summary>The mount points of this machine.</summary>
internal static class Mounts
{
    public static HashSet<string> All() =>
        File.ReadLines("/proc/self/mountinfo").Select(l => Unescape(l.Split(' ')[4])).ToHashSet(StringComparer.Ordinal);

    // The kernel writes a blank, a tab, a line feed and a backslash as octal numbers.
    private static string Unescape(string path) =>
        path.Replace("\\040", " ", StringComparison.Ordinal)
            .Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal)
            .Replace("\\134", "\\", StringComparison.Ordinal);
}
