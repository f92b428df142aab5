namespace Wombat.Domain.Containers;

/// <summary>What was requested of a container; null leaves a size to the plugin.</summary>
/// <param name="Template">The template that it is created from; empty for an adopted container whose plugin does not tell it.</param>
/// <param name="Cpu">Number of cores.</param>
/// <param name="Memory">Memory in MiB.</param>
/// <param name="Disk">Root file system in GiB.</param>
public sealed record ContainerSpec(string Template, int? Cpu = null, int? Memory = null, int? Disk = null)
{
    /// <summary>The name of <see cref="SnapshotSchedule"/> in a stored spec.</summary>
    public const string SnapshotScheduleField = "snapshot_schedule";

    /// <summary>
    /// Public keys in OpenSSH's one-line form: in a request those that were given with it, in a call of the plugin all that open
    /// the container. Empty in the stored spec, since <see cref="Container.SshKeys"/> changes with the access of its owner.
    /// </summary>
    public IReadOnlyList<string> SshKeys { get; init; } = [];

    /// <summary>The published ports. In a stored spec each has a port of the host.</summary>
    public IReadOnlyList<PortMapping> Ports { get; init; } = [];

    /// <summary>
    /// The network that it shares with the other containers of its project: the unix_name. Set in calls of the plugin only.
    /// </summary>
    public string? Network { get; init; }

    /// <summary>Its host name in the network: the container's name. Set in calls of the plugin only.</summary>
    public string? Hostname { get; init; }

    /// <summary>The named size that its values come from; null when they were given one by one.</summary>
    public string? Size { get; init; }

    /// <summary>The node of the cluster on which it is created; null leaves the choice to the plugin.</summary>
    public string? Node { get; init; }

    /// <summary>Whether it is started again after a restart of its machine; null for the default, true.</summary>
    public bool? StartOnBoot { get; init; }

    /// <summary>When snapshots are made; null for never.</summary>
    public SnapshotSchedule? SnapshotSchedule { get; init; }

    /// <summary>
    /// Environment variables of the programs in it, by name. The values may be secret: they are null as soon as it has been created, since
    /// the plugin keeps them.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>A script that runs once at its first start; null for none, and as soon as it has been created.</summary>
    public string? UserData { get; init; }

    /// <summary>Whether it was created with a script.</summary>
    public bool HasUserData { get; init; }

    /// <summary>The snapshot of which it is a copy; null for a new root file system of the template.</summary>
    public ContainerOrigin? Origin { get; init; }

    /// <summary>The sizes that a resize is about to apply; null when none is under way.</summary>
    public ContainerSize? Resize { get; init; }

    /// <summary>The spec without the values of environment variables and user data.</summary>
    public ContainerSpec WithoutSecrets() =>
        UserData is null && Environment.Values.All(v => v is null)
            ? this
            : this with
            {
                Environment = Environment.ToDictionary(v => v.Key, _ => (string?)null, StringComparer.Ordinal),
                UserData = null,
                HasUserData = HasUserData || UserData is not null,
            };

    /// <summary>The spec when the resize that is under way has succeeded.</summary>
    public ContainerSpec AfterResize() =>
        Resize is { } next
            ? this with
            {
                Cpu = next.Cpu ?? Cpu,
                Memory = next.Memory ?? Memory,
                Disk = next.Disk ?? Disk,
                Size = next.Name,
                Resize = null,
            }
            : this;
}
