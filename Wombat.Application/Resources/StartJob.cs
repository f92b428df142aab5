using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Resources;

internal sealed class StartJob(
    IWombatDbContext db,
    PluginRegistry plugins,
    HostPlacement placement,
    ProjectSshKeys keys,
    AuditLog auditLog,
    TimeProvider clock
) : OperateJob(db, plugins, placement, keys, auditLog, clock)
{
    protected override Task<ResourceObservation> OperateAsync(
        IOperatesResources plugin,
        ResourceRef resource,
        IPluginLog log,
        CancellationToken cancel
    ) => plugin.StartAsync(resource, log, cancel);
}
