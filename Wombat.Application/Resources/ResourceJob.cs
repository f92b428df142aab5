using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>What the jobs of resources share: loading, telling the user, and what a failure leaves behind.</summary>
internal abstract class ResourceJob(
    IWombatDbContext db,
    PluginRegistry plugins,
    HostPlacement placement,
    AuditLog auditLog,
    TimeProvider clock
) : IJobHandler
{
    protected IWombatDbContext Db => db;

    protected AuditLog AuditLog => auditLog;

    protected DateTimeOffset Now => clock.GetUtcNow();

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var resource = await db.Resources.SingleAsync(r => r.Id == run.ResourceId, cancel);
        if (!Applies(resource))
        {
            await run.Log.WriteAsync($"Nothing to do: {resource.Name} is {resource.Status.ToString().ToLowerInvariant()}.", cancel);
            return;
        }

        var plugin = plugins.Get(resource.Plugin);
        await placement.EnsureHereAsync(run, resource, plugin, cancel);
        await RunAsync(run, resource, plugin, cancel);
    }

    public async Task EndedAsync(EndedJob job, CancellationToken cancel)
    {
        if (await db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel) is not { } resource)
        {
            return;
        }

        // The outcome must not fail because something else was just saved about it.
        await db.LockResourceAsync(resource, cancel);
        if (Applies(resource))
        {
            Fail(resource, job);
            RecordStatus(resource, "failure");
        }
    }

    public virtual async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var resource = await db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel);
        if (resource is null || resource.Status is ResourceStatus.Deleting or ResourceStatus.Deleted)
        {
            throw new ConflictException(ErrorCode.ResourceGone, "What the job worked on is deleted or being deleted.");
        }

        EnsureRepeatable(resource, job);
    }

    /// <summary>Throws a conflict where the resource's state does not allow the job any more.</summary>
    protected virtual void EnsureRepeatable(Resource resource, Job job) { }

    /// <summary>What a job that failed or was cancelled leaves of the resource.</summary>
    protected virtual void Fail(Resource resource, EndedJob job) => resource.Fail(Reason(job.Error), Now);

    /// <summary>Whether the job still makes sense; a delete asked for meanwhile overtakes all else.</summary>
    protected virtual bool Applies(Resource resource) => resource.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted);

    /// <summary>What the resource says of a job that failed or was cancelled.</summary>
    protected virtual string Reason(JobError error) => error.Message;

    protected abstract Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel);

    /// <summary>
    /// Takes over what the plugin says. The row is read again first: a plugin call can take minutes, and a delete
    /// asked for meanwhile stands.
    /// </summary>
    protected async Task ConcludeAsync(JobRun run, Resource resource, ResourceObservation seen, CancellationToken cancel)
    {
        await db.Context.Entry(resource).ReloadAsync(cancel);
        if (Applies(resource))
        {
            if (resource.Observe(seen, seen.Note, Now))
            {
                RecordStatus(resource, "success");
            }

            await run.Log.WriteAsync(
                $"{resource.Name} is {resource.Status.ToString().ToLowerInvariant()} (id {resource.ExternalId}).",
                cancel
            );
        }
    }

    protected void RecordStatus(Resource resource, string outcome) => ResourceEvents.RecordStatus(auditLog, resource, outcome);
}
