using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The base class of jobs of resources. It loads the resource, records its state, and records failures.</summary>
internal abstract class ResourceJob(ResourceJobServices services) : IJobHandler
{
    protected IWombatDbContext Db => services.Db;

    protected ResourceKinds Kinds => services.Kinds;

    protected DateTimeOffset Now => services.Clock.GetUtcNow();

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var resource = await Db.Resources.SingleAsync(r => r.Id == run.ResourceId, cancel);
        if (!Applies(resource))
        {
            await run.Log.WriteAsync($"Nothing to do: {resource.Name} is {resource.Status.ToString().ToLowerInvariant()}.", cancel);
            return;
        }

        var plugin = services.Plugins.Get(resource.Plugin);
        await services.Placement.EnsureLocalAsync(run, resource, plugin, cancel);
        await RunAsync(run, resource, plugin, cancel);
    }

    public async Task EndedAsync(EndedJob job, CancellationToken cancel)
    {
        if (await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel) is not { } resource)
        {
            return;
        }

        // The outcome must not fail because of a concurrent change of the resource.
        await Db.LockResourceAsync(resource, cancel);
        if (!Applies(resource))
        {
            return;
        }

        await OnFailedAsync(resource, job, cancel);
        if (EndChangesStatus(resource, job))
        {
            Fail(resource, job);
            RecordStatus(resource, "failure");
        }
    }

    public virtual async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var resource = await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel);
        if (resource is null || resource.Status is ResourceStatus.Deleting or ResourceStatus.Deleted)
        {
            throw new ConflictException(ErrorCode.ResourceGone, "The resource of this job is deleted or being deleted.");
        }
    }

    /// <summary>Records on the resource that the job failed or was cancelled.</summary>
    protected virtual void Fail(Resource resource, EndedJob job) => resource.Fail(Reason(job.Error), Now);

    /// <summary>The job failed or was cancelled.</summary>
    protected virtual Task OnFailedAsync(Resource resource, EndedJob job, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Whether a failure or cancellation of the job changes the status of the resource.</summary>
    protected virtual bool EndChangesStatus(Resource resource, EndedJob job) => true;

    /// <summary>Whether the job is still applicable. A deletion requested meanwhile takes precedence.</summary>
    protected virtual bool Applies(Resource resource) => resource.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted);

    /// <summary>The status reason after the job failed or was cancelled.</summary>
    protected virtual string Reason(JobError error) => error.Message;

    protected abstract Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel);

    /// <summary>
    /// Records the state that the plugin reports. The row is read again first: a plugin call can take minutes, and a delete
    /// that was requested meanwhile takes precedence.
    /// </summary>
    protected async Task ApplyObservationAsync(JobRun run, Resource resource, ResourceObservation seen, CancellationToken cancel)
    {
        await Db.Context.Entry(resource).ReloadAsync(cancel);
        if (Applies(resource))
        {
            // The reconciler records why it is stopped, and starts it again after the jobs that wait for it.
            if (seen.IsInterrupted && resource.StartsOnBoot)
            {
                await run.Log.WriteAsync($"{resource.Name} was stopped by a restart of its machine.", cancel);
                return;
            }

            services.Events.Observe(resource, seen, seen.Note, Now);
            await run.Log.WriteAsync(
                $"{resource.Name} is {resource.Status.ToString().ToLowerInvariant()} (id {resource.ExternalId}).",
                cancel
            );
        }
    }

    protected void Record(Resource resource, string verb) => services.Events.Record(resource, verb, "success");

    protected void RecordStatus(Resource resource, string outcome) => services.Events.RecordStatus(resource, outcome);
}
