using System.Text.RegularExpressions;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Containers;

/// <summary>A system container that is created from a template.</summary>
public sealed partial class Container : ResourceWithSpec<ContainerSpec>
{
    public const string KindName = "container";
    public const int TemplateMax = 100;
    public const int CpuMin = 1;
    public const int CpuMax = 128;
    public const int MemoryMinMiB = 16;
    public const int MemoryMaxMiB = 1024 * 1024;
    public const int DiskMinGiB = 1;
    public const int DiskMaxGiB = 16 * 1024;
    public const int SshKeysMax = 50;
    public const int InstalledKeysMax = 64;
    public const int PortsMax = 16;
    public const int VariablesMax = 100;
    public const int VariableNameMax = 128;
    public const int EnvironmentMaxBytes = 32 * 1024;
    public const int UserDataMaxBytes = 64 * 1024;
    public const int PortMin = 1;
    public const int PortMax = 65535;
    public const int NodeMax = 63;
    public const string NamePattern = NameForm + "$";
    public const string TemplatePattern = TemplateForm + "$";
    public const string NodePattern = NodeForm + "$";

    /// <summary>What user data begins with.</summary>
    public const string ScriptMark = "#!";

    /// <summary>The fact by which plugins report the account that SSH keys open.</summary>
    public const string SshUserFact = "ssh_user";

    /// <summary>The fact by which plugins report the node of the cluster on which it is.</summary>
    public const string NodeFact = "node";

    private const string NameForm = "^[a-z]([a-z0-9-]*[a-z0-9])?";
    private const string TemplateForm = "^[A-Za-z0-9][A-Za-z0-9._:/-]*";
    private const string NodeForm = "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";

    private Container() { }

    /// <summary>Whether its published ports accept connections.</summary>
    public bool PublishesPorts => PublishingStatuses.Contains(Status);

    /// <summary>What its host last reported about its published ports while it was running.</summary>
    public IReadOnlyList<PortState> PortStates { get; private set; } = [];

    /// <summary>The statuses in which its ports are published.</summary>
    public static readonly IReadOnlyList<ResourceStatus> PublishingStatuses = [ResourceStatus.Running, ResourceStatus.Degraded];

    /// <summary>The first address of the container, when it is running and the plugin reports one.</summary>
    public string? IpAddress => Endpoints.Count > 0 ? Endpoints[0].Host : null;

    /// <summary>
    /// The command that opens a shell in it with a key of its project; null while it has no address, or when its template takes no keys.
    /// </summary>
    public string? Ssh => IpAddress is { } address && Facts.GetValueOrDefault(SshUserFact) is { } user ? $"ssh {user}@{address}" : null;

    /// <summary>The node of the cluster on which it is, or else the one that was requested; null when its plugin has no nodes.</summary>
    public string? Node => Facts.GetValueOrDefault(NodeFact) ?? Spec.Node;

    /// <summary>The public keys from the request, in OpenSSH's one-line format.</summary>
    public string[] SshKeys { get; private set; } = [];

    /// <summary>
    /// The user, or the token of no user, who gave <see cref="SshKeys"/>; they are installed while the owner may operate the container.
    /// </summary>
    public Guid? SshKeysOwnerId { get; private set; }

    /// <summary>A digest of the keys that were last installed; null when unknown.</summary>
    public string? InstalledKeys { get; private set; }

    /// <param name="keysOwner">The user, or the token of no user, who gives the keys of the spec.</param>
    public static Container Create(Project project, string plugin, string name, ContainerSpec spec, Guid? keysOwner, DateTimeOffset now)
    {
        project.EnsureAcceptsResources();
        var container = new Container
        {
            Spec = spec with { SshKeys = [] },
            SshKeys = [.. spec.SshKeys],
            SshKeysOwnerId = spec.SshKeys.Count == 0 ? null : keysOwner,
        };
        container.Initialize(KindName, project.Id, plugin, name, $"{project.UnixName}-{name}", now);
        return container;
    }

    /// <summary>The row of a container that exists in the outside system and has none.</summary>
    /// <param name="id">The id that its key tells.</param>
    public static Container Recreate(Guid id, Project project, string plugin, string name, DateTimeOffset now)
    {
        project.EnsureAcceptsResources();
        var container = new Container { Spec = new ContainerSpec("") };
        container.Initialize(id, KindName, project.Id, plugin, name, now);
        return container;
    }

    /// <summary>
    /// What its plugin has is managed again. Its ports may be those of other containers meanwhile, and the keys in it are not known.
    /// </summary>
    /// <param name="found">It, with its id and its name in the outside system.</param>
    /// <param name="told">Its spec, as far as the plugin tells it.</param>
    /// <param name="host">Null when its plugin is not bound to a host.</param>
    public void Adopt(string name, ResourceRef found, ContainerSpec told, HostIdentity? host, ResourceStatus status, DateTimeOffset now)
    {
        var size = (told.Cpu ?? Spec.Cpu, told.Memory ?? Spec.Memory, told.Disk ?? Spec.Disk);
        Spec = Spec with
        {
            Template = told.Template.Length > 0 ? told.Template : Spec.Template,
            Cpu = size.Item1,
            Memory = size.Item2,
            Disk = size.Item3,
            Size = size == (Spec.Cpu, Spec.Memory, Spec.Disk) ? Spec.Size : null,
            Ports = [],
            Resize = null,
        };
        KeysUnknown();
        Adopt(name, found, host, status, now);
    }

    public override bool StartsOnBoot => Spec.StartOnBoot ?? true;

    /// <summary>Changes whether it is started again after a restart of its machine.</summary>
    public void ChangeStartOnBoot(bool startsOnBoot) => Spec = Spec with { StartOnBoot = startsOnBoot };

    /// <summary>Changes when snapshots are made; null for never. The times of the same expression go on as before.</summary>
    public void ChangeSnapshotSchedule(SnapshotSchedule? schedule)
    {
        var last = schedule?.Cron == Spec.SnapshotSchedule?.Cron ? Spec.SnapshotSchedule?.LastAt : null;
        Spec = Spec with { SnapshotSchedule = schedule is null ? null : schedule with { LastAt = last } };
    }

    /// <summary>A scheduled snapshot was requested, or its schedule was seen for the first time.</summary>
    public void SnapshotScheduled(DateTimeOffset now)
    {
        if (Spec.SnapshotSchedule is { } schedule)
        {
            Spec = Spec with { SnapshotSchedule = schedule with { LastAt = now } };
            SetStatus(Status, StatusReason, now);
        }
    }

    /// <summary>Requests other sizes; a job applies them.</summary>
    /// <exception cref="ConflictException">Another resize has not ended.</exception>
    public void BeginResize(ContainerSize size, DateTimeOffset now)
    {
        if (Spec.Resize is not null)
        {
            throw new ConflictException(ErrorCode.NotOperable, "Another resize of the container has not ended.");
        }

        Spec = Spec with { Resize = size };
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>The plugin has applied the resize that was under way.</summary>
    public void CompleteResize(DateTimeOffset now)
    {
        Spec = Spec.AfterResize();
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>The container keeps the sizes that it has.</summary>
    public void AbandonResize() => Spec = Spec.Resize is null ? Spec : Spec with { Resize = null };

    protected override void AbandonChanges() => AbandonResize();

    /// <param name="digest">Of the keys that it was created with.</param>
    public void KeysInstalled(string digest) => InstalledKeys = digest;

    /// <param name="ports">The published ports, each with a port of the host that no other container has.</param>
    public void AssignPorts(IReadOnlyList<PortMapping> ports) => Spec = Spec with { Ports = ports };

    /// <inheritdoc cref="AssignPorts"/>
    /// <exception cref="ConflictException">It is deleted or being deleted.</exception>
    public void ChangePorts(IReadOnlyList<PortMapping> ports, DateTimeOffset now)
    {
        Change(ExpiresAt, DeletionProtection, now);
        AssignPorts(ports);
    }

    /// <summary>Records what its host reports about its published ports. Returns whether that is new.</summary>
    public bool RecordPorts(IReadOnlyList<PortState> states, DateTimeOffset now)
    {
        if (!PublishesPorts || states.SequenceEqual(PortStates))
        {
            return false;
        }

        PortStates = states;
        SetStatus(Status, StatusReason, now);
        return true;
    }

    /// <summary>The keys in it may be others than those that were last installed.</summary>
    public void KeysUnknown() => InstalledKeys = null;

    // After a stop the ports are closed until the host has opened them again.
    protected override void SetStatus(ResourceStatus status, string? reason, DateTimeOffset now)
    {
        base.SetStatus(status, reason, now);
        // Nobody needs them any more: the plugin keeps those of a container that exists.
        if (status is ResourceStatus.Running or ResourceStatus.Stopped or ResourceStatus.Deleted)
        {
            Spec = Spec.WithoutSecrets();
        }

        if (!PublishesPorts && PortStates.Count > 0)
        {
            PortStates = [];
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    public static partial Regex VariableRegex();

    [GeneratedRegex(NameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NameRegex();

    [GeneratedRegex(NodeForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NodeRegex();

    [GeneratedRegex(TemplateForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex TemplateRegex();
}
