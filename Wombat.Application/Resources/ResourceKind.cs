using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Access;
using Wombat.Application.Jobs;
using Wombat.Application.Quotas;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>
/// Describes a resource kind to the shared use cases, jobs, events, metrics and the reconciler. A kind derives from
/// <see cref="ResourceKindDefinition{TResource,TSpec,TDto,TAccepted}"/>; docs/how-to/add-a-resource-kind.md shows how.
/// </summary>
public abstract class ResourceKind
{
    private readonly ConcurrentDictionary<Type, IReadOnlyList<ActionRule<ResourceDto>>> actionsByPlugin = new();

    /// <summary>The noun in the database, in events, messages and metrics, such as <c>container</c>. Stable.</summary>
    public abstract string Name { get; }

    /// <summary>The first part of the names of its job kinds. Stable.</summary>
    public virtual string JobPrefix => Name;

    public abstract ResourcePermissions Permissions { get; }

    /// <summary>What can be done with a resource of the kind beside creating and deleting it.</summary>
    public virtual IReadOnlyList<ResourceOperation> Operations => [];

    /// <summary>The limits that a create is checked against.</summary>
    public abstract IReadOnlyList<QuotaDimension> QuotaDimensions { get; }

    /// <summary>The shared messages of the kind, with the permission that each requires.</summary>
    public abstract IEnumerable<KeyValuePair<Type, Permission>> Messages { get; }

    public JobKind ProvisionJob => field ??= new JobKind($"{JobPrefix}.provision", Permissions.Create);

    public JobKind DeprovisionJob =>
        field ??= new JobKind($"{JobPrefix}.deprovision", Permissions.Delete) { Options = new JobOptions(Attempts: 8) };

    public JobKind UndeleteJob => field ??= new JobKind($"{JobPrefix}.undelete", Permissions.Delete);

    public JobKind PurgeJob => field ??= new JobKind($"{JobPrefix}.purge", Permissions.Forget) { Options = new JobOptions(Attempts: 8) };

    /// <summary>Whether deleted resources can be restored for a time.</summary>
    public virtual bool HasTrash => false;

    /// <summary>The job kinds of the operations.</summary>
    public IReadOnlyList<JobKind> OperationJobs =>
        field ??= [.. Operations.Select(o => o.NewJobKind($"{JobPrefix}.{o.Name}", o.Permission ?? Permissions.Operate, o.JobOptions))];

    /// <summary>The actions that only this kind has, beside its operations.</summary>
    protected virtual IReadOnlyList<ActionRule<ResourceDto>> OwnActions => [];

    /// <summary>Whether the fields that need no job can be changed.</summary>
    protected static bool IsChangeable(ResourceDto resource) => resource.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted);

    /// <summary>The allowed actions of its resources: the operations, update, protect, delete and forget.</summary>
    public IReadOnlyList<ActionRule<ResourceDto>> Actions =>
        field ??= [
            .. Operations.Select(o => new ActionRule<ResourceDto>(
                o.Name,
                o.Permission ?? Permissions.Operate,
                r => o.OfferedIn.Contains(r.Status) && r.ExternalId is not null && o.IsOffered(r)
            )),
            .. OwnActions,
            new("update", Permissions.Create, IsChangeable),
            new("protect", Permission.ResourceProtect, IsChangeable),
            new(
                "delete",
                Permissions.Delete,
                r => r.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted) && !r.DeletionProtection
            ),
            new("undelete", Permissions.Delete, r => r.Status == ResourceStatus.Deleted && r.RestorableUntil is not null),
            new("forget", Permissions.Forget, r => Resource.IsForgettable(r.Status, r.DeleteFailedAt, r.RestorableUntil)),
        ];

    /// <summary>The allowed actions without those that the plugin does not support.</summary>
    /// <param name="plugin">Null if it is not configured here, so that its abilities are not known.</param>
    public IReadOnlyList<ActionRule<ResourceDto>> ActionsWith(IPlugin? plugin) =>
        plugin is null
            ? Actions
            : actionsByPlugin.GetOrAdd(plugin.GetType(), (_, able) => [.. Actions.Where(a => IsSupported(a.Name, able))], plugin);

    /// <summary>Whether the plugin has the ability that an allowed action needs.</summary>
    protected virtual bool IsSupported(string action, IPlugin plugin) =>
        Operations.FirstOrDefault(o => o.Name == action) is not { } operation || operation.Bind(plugin) is not null;

    /// <exception cref="InvalidOperationException">The kind has no such operation.</exception>
    public (ResourceOperation Operation, JobKind Job) Operation(string name)
    {
        for (var i = 0; i < Operations.Count; i++)
        {
            if (Operations[i].Name == name)
            {
                return (Operations[i], OperationJobs[i]);
            }
        }

        throw new InvalidOperationException($"The resource kind {Name} has no operation {name}.");
    }

    /// <summary>
    /// Whether a job of this kind creates, deletes or operates the resource; others, such as key updates, may be dropped.
    /// </summary>
    public bool IsLifecycleJob(string jobKind) =>
        jobKind == ProvisionJob.Name || jobKind == DeprovisionJob.Name || OperationJobs.Any(o => o.Name == jobKind);

    /// <summary>The latest time at which a resource may expire that is created or restored now; null for no limit.</summary>
    public virtual DateTimeOffset? LatestExpiryOf(Resource resource, DateTimeOffset now) => null;

    /// <summary>Applies the changes that only this kind has.</summary>
    /// <param name="plugin">Its plugin; null if that is not configured any more.</param>
    /// <exception cref="Domain.Common.ConflictException">The plugin does not support it.</exception>
    public virtual void Apply(Resource resource, ResourceChanges changes, IPlugin? plugin) { }

    /// <summary>The field of a request to which an exceeded budget belongs.</summary>
    public virtual string SizeField => "plugin";

    /// <summary>What a resource takes of the project's budget.</summary>
    public virtual ResourceDemand DemandOf(Resource resource) => new();

    /// <summary>Whether the plugin provisions resources of the kind.</summary>
    public abstract bool IsProvidedBy(IPlugin plugin);

    /// <summary>
    /// Ends the use of a deleted resource, and keeps of it what can be restored. Null when nothing can be: it is deprovisioned instead.
    /// </summary>
    /// <returns>Until when it can be restored.</returns>
    public virtual Task<DateTimeOffset?> TrashAsync(
        Resource resource,
        IPlugin plugin,
        IPluginLog log,
        DateTimeOffset now,
        CancellationToken cancel
    ) => Task.FromResult<DateTimeOffset?>(null);

    /// <summary>Makes a resource in the trash available again.</summary>
    public virtual Task<ResourceObservation> UndeleteAsync(Resource resource, IPlugin plugin, IPluginLog log, CancellationToken cancel) =>
        throw new NotSupportedException($"The resource kind {Name} has no trash.");

    /// <summary>The state of a resource in its events, without secrets.</summary>
    public abstract object Snapshot(Resource resource);

    /// <summary>Adds the handlers of the shared messages and jobs.</summary>
    internal abstract void Register(IServiceCollection services);
}
