using Wombat.Application.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Makes a deleted resource available again.</summary>
internal sealed class UndeleteResourceJob(ResourceJobServices services) : ResourceJob(services)
{
    protected override bool Applies(Resource resource) => resource is { Status: ResourceStatus.Updating, RestorableUntil: not null };

    // It is still in the trash, and can be undeleted again.
    protected override void Fail(Resource resource, EndedJob job) =>
        resource.MarkTrashed(resource.RestorableUntil!.Value, Reason(job.Error), Now);

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        await run.Log.WriteAsync($"Restoring {resource.ExternalName}.", cancel);
        var seen = await Kinds.Of(resource).UndeleteAsync(resource, plugin, new PluginLog(run.Log), cancel);
        await ApplyObservationAsync(run, resource, seen, cancel);
        resource.MarkRestored();
    }
}
