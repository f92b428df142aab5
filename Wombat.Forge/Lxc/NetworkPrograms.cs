using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The programs that set up networks, and the meaning of their failures.</summary>
internal static class NetworkPrograms
{
    private static readonly (string Name, string Package)[] Needed = [("nft", "nftables"), ("ip", "iproute2")];

    /// <exception cref="NetworkMissingException">The program is not installed.</exception>
    public static string Find(string name) =>
        LxcTools.FindInstalled(name)
        ?? throw new NetworkMissingException(
            $"{name} is not installed on this server (Debian: apt-get install {Needed.First(n => n.Name == name).Package})"
        );

    /// <summary>The exception for a program that failed, by what it wrote.</summary>
    public static Exception Failure(string program, ChildResult result)
    {
        var text = result.ErrorTail.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(l => l.Length > 0) ?? "no message";
        return MissingSupport.Any(m => result.ErrorTail.Contains(m, StringComparison.OrdinalIgnoreCase))
            ? new NetworkMissingException($"the kernel of this server does not support it: {program}: {text}")
            : new ForgeException(ExitCode.Unavailable, $"cannot set up the network: {program}: {text}");
    }

    private static readonly string[] MissingSupport =
    [
        "not supported",
        "unknown device type",
        "operation not permitted",
        "permission denied",
        "protocol not available",
        "unable to initialize netlink",
    ];
}
