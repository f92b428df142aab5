using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Start, stop and restart differ in the one call.</summary>
internal abstract class OperateJob(
    IWombatDbContext db,
    PluginRegistry plugins,
    HostPlacement placement,
    ProjectSshKeys keys,
    AuditLog auditLog,
    TimeProvider clock
) : ResourceJob(db, plugins, placement, auditLog, clock)
{
    protected override void EnsureRepeatable(Resource resource, Job job) =>
        resource.EnsureOperable(job.Kind[(job.Kind.IndexOf('.', StringComparison.Ordinal) + 1)..]);

    protected abstract Task<ResourceObservation> OperateAsync(
        IOperatesResources plugin,
        ResourceRef resource,
        IPluginLog log,
        CancellationToken cancel
    );

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        if (plugin is not IOperatesResources operates)
        {
            throw new JobFailedException(ErrorCode.NotSupported, $"The plugin {plugin.Name} cannot start and stop.");
        }

        var seen = await OperateAsync(operates, resource.Reference, new PluginLog(run.Log), cancel);
        await ConcludeAsync(run, resource, seen, cancel);

        // While it stood still, members came and went.
        if (
            plugin is ISetsKeys
            && resource is Container { Status: ResourceStatus.Running } container
            && await keys.CanChangeAsync(container, cancel)
            && (await keys.ForContainerAsync(container, cancel)).Digest != container.InstalledKeys
        )
        {
            await keys.EnqueueUpdateAsync([(container.ProjectId, container.Id)], cancel);
        }
    }
}
