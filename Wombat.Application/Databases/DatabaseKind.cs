using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Quotas;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Databases;

/// <summary>Databases as a resource kind.</summary>
public sealed class DatabaseKind : ResourceKindDefinition<Database, DatabaseSpec, DatabaseDto, AcceptedDatabase>
{
    public const string TierFilter = "tier";
    public const string PluginFilter = "plugin";
    public const string NameFilter = "name";
    public const string BackupOperation = "backup";
    public const string DrillOperation = "drill";
    public const string ResizeOperation = "resize";

    private static readonly ResourceStatus[] Usable = [ResourceStatus.Ready, ResourceStatus.Degraded];
    private static readonly ResourceStatus[] Existing = [ResourceStatus.Ready, ResourceStatus.Degraded, ResourceStatus.Error];
    private static readonly ResourceStatus[] Frozen = [ResourceStatus.Frozen];
    private static readonly ResourceStatus[] Repairable = [.. Existing, ResourceStatus.Frozen, ResourceStatus.Missing];

    public override string Name => Database.KindName;

    public override ResourcePermissions Permissions { get; } =
        new(
            Permission.DatabaseRead,
            Permission.DatabaseCreate,
            Permission.DatabaseOperate,
            Permission.DatabaseDelete,
            Permission.DatabaseForget
        );

    public override bool HasTrash => true;

    public override IReadOnlyList<ResourceOperation> Operations { get; } =
    [
        ResourceOperation.Of<IDatabaseProvider, DatabaseSpec, FreezeDatabase>(
            "freeze",
            Usable,
            (p, r, a, log, c) => p.FreezeAsync(r.Resource, a.Reason!, log, c)
        ),
        ResourceOperation.Of<IDatabaseProvider>("unfreeze", Frozen, (p, r, log, c) => p.UnfreezeAsync(r, log, c)) with
        {
            AllowedIn = Frozen,
        },
        ResourceOperation.Of<IDatabaseProvider>("restart", Existing, (p, r, log, c) => p.RestartAsync(r, log, c)) with
        {
            AllowedIn = Existing,
        },
        ResourceOperation.Of<IDatabaseProvider, DatabaseSpec, RepairDatabase>(
            "repair",
            Repairable,
            (p, r, _, log, c) => p.RepairAsync(r, log, c)
        ) with
        {
            IsOffered = HasDrift,
        },
        ResourceOperation.Of<IDatabaseProvider, DatabaseSpec, AdoptDatabase>(
            "adopt",
            [.. Usable, ResourceStatus.Frozen],
            (p, r, _, log, c) => p.AdoptAsync(r, log, c)
        ) with
        {
            IsOffered = r => r is DatabaseDto database && database.Drift.Any(d => d.Adoptable),
            Permission = Permission.DatabaseCreate,
        },
        ResourceOperation.OfSameState<IDatabaseProvider, DatabaseSpec, BackUpDatabase>(
            BackupOperation,
            Usable,
            (p, r, _, log, c) => p.BackUpAsync(r, log, c)
        ),
        // RestoreDrill does it, since it needs more than the provider.
        ResourceOperation.OfSameState<IDatabaseProvider, DatabaseSpec, DrillDatabase>(
            DrillOperation,
            [.. Usable, ResourceStatus.Frozen],
            (_, _, _, _, _) => Task.CompletedTask
        ) with
        {
            IsOffered = r => r is DatabaseDto { LastRestorableAt: not null },
        },
        ResourceOperation.Of<IDatabaseProvider, DatabaseSpec, ResizeDatabase>(
            ResizeOperation,
            [.. Existing, ResourceStatus.Frozen],
            (p, r, _, log, c) => p.ResizeAsync(r with { Spec = r.Spec.AfterResize() }, r.Spec, log, c)
        ) with
        {
            Permission = Permission.DatabaseCreate,
        },
        ResourceOperation.Of<IDatabaseProvider, DatabaseSpec, RestoreInPlace>(
            "restore_in_place",
            Existing,
            (p, r, a, log, c) => p.RestoreInPlaceAsync(r, a.ToTarget(), log, c)
        ) with
        {
            Permission = Permission.DatabaseCreate,
        },
        ResourceOperation.OfSameState<IDatabaseProvider, DatabaseSpec, RotateCredentials>(
            "rotate",
            Usable,
            (p, r, a, log, c) => p.RotateAsync(r.Resource, a.User, a.EndSessions, log, c)
        ) with
        {
            Permission = Permission.DatabaseCredentials,
        },
        ResourceOperation.OfSameState<IDatabaseProvider, DatabaseSpec, SaveDatabaseUser>(
            "save_user",
            Usable,
            (p, r, a, log, c) => p.SaveUserAsync(r.Resource, new DatabaseUserSpec(a.Name!, a.Role!.Value, a.ExpiresAt), log, c)
        ) with
        {
            Permission = Permission.DatabaseUserManage,
        },
        ResourceOperation.OfSameState<IDatabaseProvider, DatabaseSpec, DropDatabaseUser>(
            "drop_user",
            Usable,
            (p, r, a, log, c) => p.DropUserAsync(r.Resource, a.Name, log, c)
        ) with
        {
            Permission = Permission.DatabaseUserManage,
        },
    ];

    protected override IReadOnlyList<ActionRule<ResourceDto>> OwnActions =>
        [
            new(
                "reveal_credentials",
                Permission.DatabaseCredentials,
                r => DatabaseAccess.Reachable.Contains(r.Status) && r.ExternalId is not null
            ),
            new("restore", Permission.DatabaseCreate, r => IsChangeable(r) && r is DatabaseDto { LastRestorableAt: not null }),
        ];

    public override IReadOnlyList<SpecQuota<DatabaseSpec>> Quotas { get; } =
    [new("databases_per_project", "databases", 50, 1_000_000, _ => 1, IsPerProject: true)];

    public override Database New(Project project, string plugin, string? name, DatabaseSpec spec, Caller caller, DateTimeOffset now) =>
        Database.Create(project, plugin, name!, spec, now);

    public override IQueryable<Database> Filter(IQueryable<Database> resources, string field, string value) =>
        field switch
        {
            TierFilter => resources.Where(d => JsonColumn.Text(d.Spec, TierFilter) == value),
            PluginFilter => resources.Where(d => d.Plugin == value),
            NameFilter => resources.Where(d => d.Name == value),
            _ => base.Filter(resources, field, value),
        };

    public override string SizeField => "tier";

    public override DateTimeOffset? LatestExpiryOf(Resource resource, DateTimeOffset now) =>
        ((Database)resource).Spec.Settings.LatestExpiry(now);

    public override void Apply(Resource resource, ResourceChanges changes, IPlugin? plugin)
    {
        var (database, own) = ((Database)resource, (DatabaseChanges)changes);
        database.Describe(
            own.Purpose.IsPresent ? own.Purpose.Value : database.Spec.Purpose,
            own.Owner.IsPresent ? own.Owner.Value : database.Spec.Owner
        );
    }

    /// <summary>Until a resize has ended, the larger amounts of both tiers, so that neither outcome exceeds the budget.</summary>
    public override ResourceDemand DemandOf(Resource resource)
    {
        var spec = ((Database)resource).Spec;
        return ResourceDemand.Max(DemandOf(spec), DemandOf(spec.AfterResize()));
    }

    internal static ResourceDemand DemandOf(DatabaseSpec spec)
    {
        var tier = spec.Settings;
        return new ResourceDemand
        {
            Databases = 1,
            CpuMillis = tier.CpuMillis * tier.Instances,
            MemoryMib = tier.MemoryMib * tier.Instances,
            StorageMib = tier.StorageMib * tier.Instances,
            Connections = tier.MaxConnections,
            Tiers = new Dictionary<string, long>(StringComparer.Ordinal) { [spec.Tier] = 1 },
        };
    }

    public override string Describe(DatabaseSpec spec) => $" of tier {spec.Tier}";

    public override async Task<DateTimeOffset?> TrashAsync(
        Resource resource,
        IPlugin plugin,
        IPluginLog log,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var database = (Database)resource;

        // What a drill that was cut short has left.
        await plugin.DeprovisionAsync(RestoreDrill.CopyOf(database), log, cancel);
        if (!database.KeepsTrash)
        {
            return null;
        }

        await ((IDatabaseProvider)plugin).TrashAsync(RequestFor(database), log, cancel);
        return now.AddDays(database.Spec.Settings.GraceDays);
    }

    public override Task<ResourceObservation> UndeleteAsync(Resource resource, IPlugin plugin, IPluginLog log, CancellationToken cancel) =>
        ((IDatabaseProvider)plugin).UndeleteAsync(RequestFor((Database)resource), log, cancel);

    protected override void RegisterServices(IServiceCollection services) =>
        services
            .AddScoped<ResourceHooks<Database, DatabaseSpec>, DatabaseHooks>()
            .AddTransient<DatabaseAccess>()
            .AddTransient<RestoreDrill>()
            .AddTransient<DatabaseTiers>()
            .AddTransient<DatabaseChangePlans>()
            .AddTransient<DatabaseRestores>();

    private static bool HasDrift(ResourceDto resource) => resource is DatabaseDto { Drift.Count: > 0 };

    private static ProvisionRequest<DatabaseSpec> RequestFor(Database database) => new(database.Reference, database.Spec);
}
