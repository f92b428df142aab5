using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Makes it.</summary>
internal sealed class ProvisionJob(
    IWombatDbContext db,
    PluginRegistry plugins,
    HostPlacement placement,
    ProjectSshKeys keys,
    AuditLog auditLog,
    TimeProvider clock
) : ResourceJob(db, plugins, placement, auditLog, clock)
{
    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        if (resource.Status != ResourceStatus.Provisioning)
        {
            resource.BeginProvisioning(Now);
            RecordStatus(resource, "success");
            await Db.SaveChangesAsync(cancel);
        }

        var container = (Container)resource;
        await run.Log.WriteAsync(
            $"Attempt {run.Attempt} of {run.MaxAttempts}: creating {container.ExternalName} from template {container.Template}.",
            cancel
        );
        var all = await keys.ForContainerAsync(container, cancel);
        await SshKeysJob.LogLeftOutAsync(run.Log, all, cancel);
        var request = ProvisionRequests.For(container, all.Lines);
        var seen = await plugin.ProvisionAsync(request, new PluginLog(run.Log, id => KeepIdAsync(resource.Id, id)), cancel);
        await ConcludeAsync(run, resource, seen, cancel);
        if (run.Attempt == 1 && container.Status == ResourceStatus.Running)
        {
            container.KeysInstalled(all.Digest);
        }
        else if (run.Attempt > 1 && await keys.CanChangeAsync(container, cancel))
        {
            // An earlier attempt may have made it with the keys of then.
            await keys.EnqueueUpdateAsync([(container.ProjectId, container.Id)], cancel);
        }
    }

    // In a statement of its own and past all versions: a delete or a cancel that comes at this moment undoes what this job saves,
    // and then needs the id all the more.
    private async ValueTask KeepIdAsync(Guid resource, string externalId) =>
        await Db
            .Resources.Where(r => r.Id == resource)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.ExternalId, externalId), CancellationToken.None);

    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        await base.RequeuedAsync(job, cancel);
        (await Db.LockProjectAsync(job.ProjectId!.Value, exclusive: false, cancel)).EnsureAcceptsResources();
    }

    protected override string Reason(JobError error) =>
        error.Code == JobError.Cancelled ? $"{error.Message} Delete it, or retry the job." : error.Message;
}
