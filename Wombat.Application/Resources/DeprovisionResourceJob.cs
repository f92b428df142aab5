using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Deletes the resource in the outside system, also one whose provisioning failed, since a part of it may exist.</summary>
internal sealed class DeprovisionResourceJob(ResourceJobServices services) : ResourceJob(services)
{
    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var resource = await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel);
        if (resource is null || resource.Status == ResourceStatus.Deleted)
        {
            throw new ConflictException(ErrorCode.ResourceGone, "The resource of this job is already deleted.");
        }

        resource.EnsureUnprotected();
        resource.ResumeDelete(Now);
        RecordStatus(resource, "success");
    }

    protected override bool Applies(Resource resource) => resource.Status == ResourceStatus.Deleting;

    protected override void Fail(Resource resource, EndedJob job)
    {
        if (job.State == JobState.Cancelled)
        {
            base.Fail(resource, job);
        }
        else
        {
            resource.FailDelete(Reason(job.Error), Now);
        }
    }

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        await run.Log.WriteAsync($"Deleting {resource.ExternalName}.", cancel);
        var pluginLog = new PluginLog(run.Log);
        if (resource.ExternalId is not null && await Kinds.Of(resource).TrashAsync(resource, plugin, pluginLog, Now, cancel) is { } until)
        {
            resource.MarkTrashed(until, null, Now);
            RecordStatus(resource, "success");
            await run.Log.WriteAsync($"Deleted {resource.Name}. It can be restored until {until:yyyy-MM-dd HH:mm} UTC.", cancel);
            return;
        }

        await plugin.DeprovisionAsync(resource.Reference, pluginLog, cancel);
        var outcomeUnknown = resource.ExternalId is null && !plugin.SupportsLookupByKey && await IsCreationUnknownAsync(resource, cancel);
        resource.MarkDeleted(outcomeUnknown, Now);
        RecordStatus(resource, "success");
        await run.Log.WriteAsync(resource.StatusReason ?? $"Deleted {resource.Name}.", cancel);
    }

    // The plugin was called, and its last answer was lost or not understood.
    private async Task<bool> IsCreationUnknownAsync(Resource resource, CancellationToken cancel)
    {
        var provision = Kinds.Of(resource).ProvisionJob.Name;
        return await Db
                .Jobs.AsNoTracking()
                .Where(j => j.ResourceId == resource.Id && j.Kind == provision)
                .OrderByDescending(j => j.Id)
                .FirstOrDefaultAsync(cancel)
                is { Attempt: > 0 } job
            && (job.Error is null || !ExternalSystemException.IsRefusal(job.Error.Code));
    }
}
