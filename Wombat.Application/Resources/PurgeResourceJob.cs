using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Deletes what the plugin kept of a deleted resource.</summary>
internal sealed class PurgeResourceJob(ResourceJobServices services) : ResourceJob(services)
{
    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        if (await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel) is not { } resource || !Applies(resource))
        {
            throw new ConflictException(ErrorCode.ResourceGone, "Nothing is left of the resource of this job.");
        }
    }

    protected override bool Applies(Resource resource) => resource is { Status: ResourceStatus.Deleted, RestorableUntil: not null };

    // The next pass over the trash enqueues it again.
    protected override void Fail(Resource resource, EndedJob job) { }

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        await run.Log.WriteAsync($"Deleting what is left of {resource.ExternalName}.", cancel);
        await plugin.DeprovisionAsync(resource.Reference, new PluginLog(run.Log), cancel);
        resource.MarkPurged(Now);
        Record(resource, "purged");
    }
}
