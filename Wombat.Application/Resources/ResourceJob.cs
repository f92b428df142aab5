using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

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
            await run.Log.WriteAsync($"nothing to do: {resource.Name} is {resource.Status.ToString().ToLowerInvariant()}", cancel);
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
            throw new ConflictException("resource_gone", "What the job worked on is deleted or being deleted.");
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
                $"{resource.Name} is {resource.Status.ToString().ToLowerInvariant()} (id {resource.ExternalId})",
                cancel
            );
        }
    }

    protected void RecordStatus(Resource resource, string outcome) => ResourceEvents.RecordStatus(auditLog, resource, outcome);
}

/// <summary>Makes it.</summary>
[JobKind(ResourceJobKinds.Provision, Permission.ContainerCreate)]
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
            $"attempt {run.Attempt} of {run.MaxAttempts}: {plugin.Name} makes {container.ExternalName} from {container.Template}",
            cancel
        );
        var all = await keys.ForContainerAsync(container, cancel);
        await KeysJob.LogLeftOutAsync(run.Log, all, cancel);
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

/// <summary>Removes it; runs also when provisioning never succeeded, since half of it may be there.</summary>
[JobKind(ResourceJobKinds.Deprovision, Permission.ContainerDelete)]
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
        await run.Log.WriteAsync($"{plugin.Name} deletes {resource.ExternalName}", cancel);
        await plugin.DeprovisionAsync(resource.Reference, new PluginLog(run.Log), cancel);
        resource.MarkDeleted(resource.ExternalId is null && !plugin.SupportsLookupByKey && await WasUnheardAsync(resource, cancel), Now);
        RecordStatus(resource, "success");
        await run.Log.WriteAsync(resource.StatusReason ?? $"{resource.Name} is deleted", cancel);
    }

    // It was asked for, and the last answer was none or not understood.
    private async Task<bool> WasUnheardAsync(Resource resource, CancellationToken cancel) =>
        await Db
            .Jobs.AsNoTracking()
            .Where(j => j.ResourceId == resource.Id && j.Kind == ResourceJobKinds.Provision)
            .OrderByDescending(j => j.Id)
            .FirstOrDefaultAsync(cancel)
            is { Attempt: > 0 } asked
        && (asked.Error is null || !PluginException.IsRefusal(asked.Error.Code));

    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        var resource = await Db.Resources.SingleOrDefaultAsync(r => r.Id == job.ResourceId, cancel);
        if (resource is null || resource.Status == ResourceStatus.Deleted)
        {
            throw new ConflictException("resource_gone", "What the job works on is already deleted.");
        }

        resource.ResumeDelete(Now);
        RecordStatus(resource, "success");
    }
}

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
            throw new JobFailedException("not_supported", $"The plugin {plugin.Name} cannot start and stop.");
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

[JobKind(ResourceJobKinds.Start, Permission.ContainerOperate)]
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

[JobKind(ResourceJobKinds.Stop, Permission.ContainerOperate)]
internal sealed class StopJob(
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
    ) => plugin.StopAsync(resource, log, cancel);
}

[JobKind(ResourceJobKinds.Restart, Permission.ContainerOperate)]
internal sealed class RestartJob(
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
    ) => plugin.RestartAsync(resource, log, cancel);
}

/// <summary>A plugin's lines go to the job's log as they come.</summary>
internal sealed class PluginLog(IJobLog log, Func<string, ValueTask>? made = null) : IPluginLog
{
    public ValueTask WriteAsync(string line, CancellationToken cancel) => log.WriteAsync(line, cancel, LogStream.Stderr);

    public ValueTask ReportExternalIdAsync(string externalId) => made?.Invoke(externalId) ?? ValueTask.CompletedTask;
}
