using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Creates the resource in the outside system.</summary>
internal sealed class ProvisionResourceJob<TResource, TSpec, TDto, TAccepted>(
    ResourceJobServices services,
    ResourceKindDefinition<TResource, TSpec, TDto, TAccepted> kind,
    ResourceHooks<TResource, TSpec> hooks
) : ResourceJob(services)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
    where TDto : ResourceDto
    where TAccepted : TDto, IAcceptedResource
{
    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        await base.RequeuedAsync(job, cancel);
        (await Db.LockProjectAsync(job.ProjectId!.Value, exclusive: false, cancel)).EnsureAcceptsResources();
    }

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        if (resource.Status != ResourceStatus.Provisioning)
        {
            resource.BeginProvisioning(Now);
            RecordStatus(resource, "success");
            await Db.SaveChangesAsync(cancel);
        }

        if (plugin is not IProvisioner<TSpec> provisioner)
        {
            throw new JobFailedException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not provision a {kind.Name}.");
        }

        var typed = (TResource)resource;
        await run.Log.WriteAsync(
            $"Attempt {run.Attempt} of {run.MaxAttempts}: creating {resource.ExternalName}{kind.Describe(typed.Spec)}.",
            cancel
        );
        var spec = await hooks.PrepareAsync(typed, run, cancel);
        var request = new ProvisionRequest<TSpec>(resource.Reference, spec);
        var seen = await provisioner.ProvisionAsync(request, new PluginLog(run.Log, id => StoreExternalIdAsync(resource.Id, id)), cancel);
        await ApplyObservationAsync(run, resource, seen, cancel);
        await hooks.OnProvisionedAsync(typed, spec, run, cancel);
    }

    protected override string Reason(JobError error) =>
        error.Code == JobError.Cancelled ? $"{error.Message} Delete it, or retry the job." : error.Message;

    // A statement of its own that ignores the version: a concurrent delete or cancel discards what this job saves, and then
    // needs the id all the more.
    private async ValueTask StoreExternalIdAsync(Guid resource, string externalId) =>
        await Db
            .Resources.Where(r => r.Id == resource)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.ExternalId, externalId), CancellationToken.None);
}
