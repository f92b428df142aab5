namespace Wombat.Forge;

/// <summary>The container to create.</summary>
/// <param name="Memory">MiB.</param>
/// <param name="Disk">GiB.</param>
/// <param name="Key">The caller's idempotency key, by which it finds the container again.</param>
/// <param name="Network">
/// The network whose containers reach each other, such as the project; null for none. Only the back end lxc has networks.
/// </param>
/// <param name="Hostname">Its host name in the network; the name if null.</param>
/// <param name="Node">The node of the cluster; null leaves the choice to the back end. Only the back end pve has nodes.</param>
internal sealed record CreateRequest(
    string Name,
    string Template,
    string? Key,
    int? Cpu,
    int? Memory,
    int? Disk,
    IReadOnlyList<string> SshKeys,
    string? Network,
    string? Hostname,
    string? Node = null
)
{
    public GuestSize Size => new(Cpu, Memory, Disk);

    /// <summary>Environment variables of the programs in it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A script that runs once at the first start; null for none.</summary>
    public string? UserData { get; init; }

    /// <summary>The snapshot of which it is a copy; null for a new root file system of the template.</summary>
    public CloneSource? Source { get; init; }
}
