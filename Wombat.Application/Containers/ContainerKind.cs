using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Containers as a resource kind.</summary>
public sealed class ContainerKind : ResourceKindDefinition<Container, ContainerSpec, ContainerDto, AcceptedContainer>
{
    public const string TemplateFilter = "template";
    public const string ExecOperation = "exec";
    public const string ResizeOperation = "resize";
    public const string RebuildOperation = "rebuild";
    public const string RenameOperation = "rename";
    public const string SnapshotOperation = "snapshot";
    public const string RestoreOperation = "restore";
    public const string DeleteSnapshotOperation = "delete_snapshot";
    private const string ConsoleAction = "console";
    private const string CloneAction = "clone";

    /// <summary>The statuses in which commands and consoles run in it.</summary>
    public static readonly IReadOnlyList<ResourceStatus> Usable = [ResourceStatus.Running];

    /// <summary>The statuses in which its plugin knows it.</summary>
    public static readonly IReadOnlyList<ResourceStatus> Existing = [ResourceStatus.Running, ResourceStatus.Stopped, ResourceStatus.Error];

    /// <summary>The published ports of a project.</summary>
    internal static readonly SpecQuota<ContainerSpec> PublishedPorts = new(
        "published_ports_per_project",
        "ports",
        100,
        Container.PortMax,
        s => s.Ports.Count,
        IsPerProject: true
    );

    // A stable prefix: stored jobs and clients use the job kinds of containers.
    public override string JobPrefix => "resource";

    public override string Name => Container.KindName;

    public override ResourcePermissions Permissions { get; } =
        new(
            Permission.ContainerRead,
            Permission.ContainerCreate,
            Permission.ContainerOperate,
            Permission.ContainerDelete,
            Permission.ContainerForget
        );

    public override IReadOnlyList<ResourceOperation> Operations { get; } =
    [
        ResourceOperation.Of<IOperatesResources>(
            "start",
            [ResourceStatus.Stopped, ResourceStatus.Error],
            (p, r, log, c) => p.StartAsync(r, log, c)
        ),
        ResourceOperation.Of<IOperatesResources>(
            "stop",
            [ResourceStatus.Running, ResourceStatus.Error],
            (p, r, log, c) => p.StopAsync(r, log, c)
        ),
        ResourceOperation.Of<IOperatesResources>(
            "restart",
            [ResourceStatus.Running, ResourceStatus.Error],
            (p, r, log, c) => p.RestartAsync(r, log, c)
        ),
        ResourceOperation.Of<IResizesContainers, ContainerSpec, ResizeContainer>(
            ResizeOperation,
            [ResourceStatus.Running, ResourceStatus.Stopped],
            (p, r, a, log, c) => p.ResizeAsync(r.Resource, a.ToSize(), log, c)
        ) with
        {
            Permission = Permission.ContainerCreate,
            KeepsStatus = true,
        },
        ResourceOperation.OfSameState<IExecutesCommands, ContainerSpec, ExecuteCommand>(
            ExecOperation,
            Usable,
            (p, r, a, log, c) => a.RunAsync(p, r.Resource, log, c)
        ) with
        {
            Permission = Permission.ContainerExec,
            JobOptions = new JobOptions(Attempts: 1, IsRepeatable: false),
        },
        ResourceOperation.Of<IRebuildsResources, ContainerSpec, RebuildContainer>(
            RebuildOperation,
            Existing,
            (p, r, a, log, c) => p.RebuildAsync(r.Resource, a.RequestId, log, c)
        ) with
        {
            Permission = Permission.ContainerCreate,
            KeepsStatus = true,
        },
        ResourceOperation.OfSameState<IRenamesResources, ContainerSpec, RenameContainer>(
            RenameOperation,
            [ResourceStatus.Running, ResourceStatus.Stopped],
            (p, r, a, log, c) => p.RenameAsync(r.Resource, a.Name!, log, c)
        ) with
        {
            Permission = Permission.ContainerCreate,
        },
        ResourceOperation.OfSameState<ISnapshotsResources, ContainerSpec, CreateSnapshot>(
            SnapshotOperation,
            Existing,
            (p, r, a, log, c) => p.CreateSnapshotAsync(r.Resource, a.Name!, a.ExpiresAt, a.RequestId, log, c)
        ),
        ResourceOperation.Of<ISnapshotsResources, ContainerSpec, RestoreSnapshot>(
            RestoreOperation,
            Existing,
            (p, r, a, log, c) => p.RestoreSnapshotAsync(r.Resource, a.Name, a.RequestId, log, c)
        ) with
        {
            Permission = Permission.ContainerCreate,
            KeepsStatus = true,
        },
        ResourceOperation.OfSameState<ISnapshotsResources, ContainerSpec, DeleteSnapshot>(
            DeleteSnapshotOperation,
            Existing,
            (p, r, a, log, c) => p.DeleteSnapshotAsync(r.Resource, a.Name, log, c)
        ) with
        {
            Permission = Permission.ContainerDelete,
        },
    ];

    protected override IReadOnlyList<ActionRule<ResourceDto>> OwnActions =>
        [
            new(ConsoleAction, Permission.ContainerConsole, r => Usable.Contains(r.Status) && r.ExternalId is not null),
            new(CloneAction, Permission.ContainerCreate, r => Existing.Contains(r.Status) && r.ExternalId is not null),
            new("change_ports", Permission.ContainerCreate, IsChangeable),
        ];

    public override IReadOnlyList<SpecQuota<ContainerSpec>> Quotas { get; } =
    [
        new("containers_per_project", "containers", 50, 1_000_000, _ => 1, IsPerProject: true),
        PublishedPorts,
        new("container_cpu", "cpu", 16, Container.CpuMax, s => s.Cpu),
        new("container_memory_mib", "memory", 64 * 1024, Container.MemoryMaxMiB, s => s.Memory),
        new("container_disk_gib", "disk", 1024, Container.DiskMaxGiB, s => s.Disk),
    ];

    public override Container New(Project project, string plugin, string? name, ContainerSpec spec, Caller caller, DateTimeOffset now) =>
        Container.Create(project, plugin, name ?? DefaultName(spec.Template), spec, caller.ActorId, now);

    public override IQueryable<Container> Filter(IQueryable<Container> resources, string field, string value) =>
        field == TemplateFilter
            ? resources.Where(c => JsonColumn.Text(c.Spec, TemplateFilter) == value)
            : base.Filter(resources, field, value);

    /// <summary>
    /// What the plugin decides is not counted. Until a resize has ended, the larger amounts of both sizes, so that neither outcome
    /// exceeds the budget.
    /// </summary>
    public override ResourceDemand DemandOf(Resource resource)
    {
        var spec = ((Container)resource).Spec;
        return ResourceDemand.Max(DemandOf(spec), DemandOf(spec.AfterResize()));
    }

    internal static ResourceDemand DemandOf(ContainerSpec spec) =>
        new()
        {
            Containers = 1,
            CpuMillis = (spec.Cpu ?? 0) * 1000L,
            MemoryMib = spec.Memory ?? 0,
            StorageMib = (spec.Disk ?? 0) * 1024L,
        };

    public override void Apply(Resource resource, ResourceChanges changes, IPlugin? plugin)
    {
        var (container, own) = ((Container)resource, (ContainerChanges)changes);
        container.ChangeStartOnBoot(own.StartOnBoot.Or(container.StartsOnBoot, reset: true) ?? true);
        if (own.SnapshotSchedule.IsPresent)
        {
            if (own.SnapshotSchedule.Value is not null && plugin is not (null or ISnapshotsResources))
            {
                throw new ConflictException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not support snapshots.");
            }

            container.ChangeSnapshotSchedule(own.SnapshotSchedule.Value);
        }
    }

    protected override bool IsSupported(string action, IPlugin plugin) =>
        action switch
        {
            ConsoleAction => plugin is IOpensConsoles,
            CloneAction => plugin is ISnapshotsResources,
            _ => base.IsSupported(action, plugin),
        };

    public override string Describe(ContainerSpec spec) => $" from template {spec.Template}";

    protected override object Snapshot(Container resource) =>
        new ContainerSnapshot(resource.Name, resource.Status, resource.StatusReason, resource.ExternalId, resource.IpAddress);

    protected override void RegisterServices(IServiceCollection services) =>
        services
            .AddTransient<ProjectSshKeys>()
            .AddTransient<ContainerAccess>()
            .AddScoped<ConsoleAudit>()
            .AddScoped<PortAssignment>()
            .AddTransient<ContainerResizes>()
            .AddScoped<ResourceHooks<Container, ContainerSpec>, ContainerHooks>()
            .AddJobHandler<SshKeysJob>(SshKeysJob.Kind);

    private static string DefaultName(string template)
    {
        var letters = new string([.. template.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        var stem = letters.Length > 0 && char.IsAsciiLetterLower(letters[0]) ? letters : "c-" + letters;
        stem = (stem.Length > 50 ? stem[..50] : stem).TrimEnd('-');
        return $"{stem}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
    }
}
