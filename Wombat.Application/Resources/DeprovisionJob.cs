using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Removes it; runs also when provisioning never succeeded, since half of it may be there.</summary>
internal sealed class DeprovisionJob(
    IWombatDbContext db,
    PluginRegistry plugins,
    HostPlacement placement,
    AuditLog auditLog,
    TimeProvider clock
) : ResourceJob(db, plugins, placement, auditLog, clock)
{
    protected override bool Applies(Resource resource) => resource.Status == ResourceStatus.Deleting;

    protected override void Fail(Resource resource, EndedJob job)
    {
        if (job.State == JobState.Failed)
        {
            resource.FailDelete(Reason(job.Error), Now);
        }
        else
        {
            base.Fail(resource, job);
        }
    }

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        await run.Log.WriteAsync($"Deleting {resource.ExternalName}.", cancel);
        await plugin.DeprovisionAsync(resource.Reference, new PluginLog(run.Log), cancel);
        resource.MarkDeleted(resource.ExternalId is null && !plugin.SupportsLookupByKey && await WasUnheardAsync(resource, cancel), Now);
        RecordStatus(resource, "success");
        await run.Log.WriteAsync(resource.StatusReason ?? $"Deleted {resource.Name}.", cancel);
    }

    // It was asked for, and the last answer was none or not understood.
    private async Task<bool> WasUnheardAsync(Resource resource, CancellationToken cancel) =>
        await Db
            .Jobs.AsNoTracking()
            .Where(j => j.ResourceId == resource.Id && j.Kind == ResourceJobKinds.Provision.Name)
            .OrderByDescending(j => j.Id)
            .FirstOrDefaultAsync(cancel)
            is { Attempt: > 0 } asked
        && (asked.Error is null || !PluginException.IsRefusal(asked.Error.Code));

    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var resource = await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel);
        if (resource is null || resource.Status == ResourceStatus.Deleted)
        {
            throw new ConflictException(ErrorCode.ResourceGone, "What the job works on is already deleted.");
        }

        resource.ResumeDelete(Now);
        RecordStatus(resource, "success");
    }
}
