using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Application.Resources;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Containers;

/// <summary>Templates, SSH keys and snapshots of containers.</summary>
internal sealed class ContainerHooks(
    IWombatDbContext db,
    ProjectSshKeys keys,
    IPluginMonitor monitor,
    PluginRegistry plugins,
    PortAssignment ports,
    AuditLog auditLog,
    ContainerResizes resizes,
    ContainerSizes sizes,
    TimeProvider clock
) : ResourceHooks<Container, ContainerSpec>
{
    private ContainerKeys? prepared;

    public override Task<ResourceRequest<ContainerSpec>> ResolveAsync(ResourceRequest<ContainerSpec> request, CancellationToken cancel) =>
        Task.FromResult(request with { Spec = sizes.Apply(request.Spec) });

    public override async Task<IReadOnlyList<PlanObjection>> FindObjectionsAsync(
        IPlugin plugin,
        ContainerSpec spec,
        CancellationToken cancel
    ) =>
        [
            .. plugin is IProvisioner<ContainerSpec> provisioner
                ? provisioner.FindUnsupported(spec).Select(f => new PlanObjection(f, $"is not supported by the plugin {plugin.Name}"))
                : [],
            .. await FindTemplateObjectionsAsync(plugin, spec, cancel),
            .. await ports.FindObjectionsAsync(plugin, spec.Ports, cancel),
            .. NodeObjections.Find(plugin, spec),
        ];

    // Uses what the plugin monitor knows. If it knows no templates, the job checks them.
    private async Task<IReadOnlyList<PlanObjection>> FindTemplateObjectionsAsync(
        IPlugin plugin,
        ContainerSpec spec,
        CancellationToken cancel
    )
    {
        if (await monitor.TemplatesAsync(plugin.Name, cancel) is not { Count: > 0 } templates)
        {
            return [];
        }

        return templates.FirstOrDefault(t => t.Name == spec.Template) is not { } template
                ? [new PlanObjection("template", $"must be one of {string.Join(", ", templates.Select(t => t.Name))}")]
            : spec.SshKeys.Count > 0 && !template.AcceptsSshKeys
                ? [new PlanObjection("ssh_keys", $"the template {template.Name} does not accept SSH keys")]
            : [.. SizeObjections.Find(spec, template)];
    }

    public override Task<ResourceChangePlan> PlanOperationAsync(
        Container resource,
        string operation,
        object? arguments,
        CancellationToken cancel
    ) =>
        plugins.Find(resource.Plugin) is { } plugin && Unsupported(arguments, plugin) is { } what
            ? throw new ConflictException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not support {what}.")
        : arguments is CreateSnapshot create && RefusalOf(create, resource.Plugin) is { } refusal
            ? Task.FromResult(new ResourceChangePlan { Objections = [new PlanObjection("name", refusal)] })
        : arguments is ResizeContainer resize ? resizes.PlanAsync(resource, sizes.Apply(resize, resource.Spec).ToSize(), cancel)
        : base.PlanOperationAsync(resource, operation, arguments, cancel);

    public override async Task AssignAsync(Container resource, CancellationToken cancel)
    {
        if (resource.Spec.Origin is { } origin)
        {
            await AssignHostOfAsync(origin, resource, cancel);
        }

        if (resource.Spec.Ports.Count > 0)
        {
            resource.AssignPorts(await ports.AssignAsync(resource, resource.Spec.Ports, cancel));
        }
    }

    // The snapshot is where its container is.
    private async Task AssignHostOfAsync(ContainerOrigin origin, Container resource, CancellationToken cancel)
    {
        var source = await db.Containers.AsNoTracking().SingleAsync(c => c.Id == origin.SourceId, cancel);
        if (source.HostId is { } host)
        {
            resource.AssignHost(new HostIdentity(host, source.HostName ?? ""));
        }
    }

    private string? RefusalOf(CreateSnapshot snapshot, string plugin) =>
        (plugins.Find(plugin) as ISnapshotsResources)?.RefuseSnapshotName(snapshot.Name!);

    private static string? Unsupported(object? arguments, IPlugin plugin) =>
        arguments switch
        {
            ExecuteCommand when plugin is not IExecutesCommands => "running commands in its containers",
            ResizeContainer when plugin is not IResizesContainers => "resizing its containers",
            RebuildContainer when plugin is not IRebuildsResources => "rebuilding its containers",
            RenameContainer when plugin is not IRenamesResources => "renaming its containers",
            CreateSnapshot or RestoreSnapshot or DeleteSnapshot when plugin is not ISnapshotsResources => "snapshots",
            _ => null,
        };

    public override Task<object?> PrepareOperationAsync(Container resource, string operation, object? arguments, CancellationToken cancel)
    {
        switch (arguments)
        {
            case ResizeContainer resize:
                var resolved = sizes.Apply(resize, resource.Spec);
                resource.BeginResize(resolved.ToSize(), clock.GetUtcNow());
                return Task.FromResult<object?>(resolved);
            case RenameContainer rename:
                var previous = resource.Name;
                resource.Rename(rename.Name!, clock.GetUtcNow());
                return Task.FromResult<object?>(rename with { Previous = previous });
            case RebuildContainer rebuild:
                return Task.FromResult<object?>(rebuild with { RequestId = Uuid7.At(clock.GetUtcNow()) });
            case CreateSnapshot create:
                return Task.FromResult<object?>(create with { RequestId = Uuid7.At(clock.GetUtcNow()) });
            case RestoreSnapshot restore:
                return Task.FromResult<object?>(restore with { RequestId = Uuid7.At(clock.GetUtcNow()) });
        }

        return Task.FromResult(arguments);
    }

    public override Task OnRequestedAsync(Container resource, CancellationToken cancel)
    {
        if (resource.SshKeysOwnerId is { } owner)
        {
            auditLog.Record(
                EventAction.ContainerSshKeysGiven,
                Container.KindName,
                resource.Id,
                resource.ProjectId,
                after: new GivenKeysRecord(owner, GivenKeysRecord.FingerprintsOf(resource.SshKeys))
            );
        }

        return Task.CompletedTask;
    }

    public override async Task<ContainerSpec> PrepareAsync(Container resource, JobRun run, CancellationToken cancel)
    {
        prepared = await keys.ForContainerAsync(resource, cancel);
        await SshKeysJob.LogLeftOutAsync(run.Log, prepared, cancel);
        var network = await db.Projects.Where(p => p.Id == resource.ProjectId).Select(p => p.UnixName).SingleAsync(cancel);
        return resource.Spec with { SshKeys = prepared.Lines, Network = network, Hostname = resource.Name };
    }

    public override async Task OnProvisionedAsync(Container resource, ContainerSpec spec, JobRun run, CancellationToken cancel)
    {
        if (run.Attempt == 1 && resource.Status == ResourceStatus.Running)
        {
            resource.KeysInstalled(prepared!.Digest);
        }
        else if (run.Attempt > 1 && await keys.CanChangeAsync(resource, cancel))
        {
            // An earlier attempt may have created it with other keys.
            await keys.EnqueueUpdateAsync([(resource.ProjectId, resource.Id)], cancel);
        }
    }

    public override async Task OnOperationFailedAsync(Container resource, string operation, EndedJob job, CancellationToken cancel)
    {
        switch (operation)
        {
            case ContainerKind.ResizeOperation:
                resource.AbandonResize();
                break;
            case ContainerKind.RestoreOperation or ContainerKind.RebuildOperation:
                // It may have other data since before its job failed.
                resource.KeysUnknown();
                break;
            case ContainerKind.RenameOperation:
                await RevertNameAsync(resource, job, cancel);
                break;
        }
    }

    // Otherwise a new container could get the name under which the others of the project find this one.
    private async Task RevertNameAsync(Container resource, EndedJob job, CancellationToken cancel)
    {
        var arguments = await db.Jobs.Where(j => j.Id == job.Id).Select(j => j.Arguments).SingleAsync(cancel);
        var rename = JsonSerializer.Deserialize<RenameContainer>(arguments!, WombatJson.Options)!;
        var isTaken = await db
            .Containers.LivingIn(resource.ProjectId)
            .AnyAsync(c => c.Name == rename.Previous && c.Id != resource.Id, cancel);
        if (rename is { Previous: { } previous } && rename.Name == resource.Name && !isTaken)
        {
            resource.Rename(previous, clock.GetUtcNow());
        }
    }

    public override async Task OnOperatedAsync(Container resource, string operation, JobRun run, CancellationToken cancel)
    {
        switch (operation)
        {
            case ContainerKind.ResizeOperation:
                resource.CompleteResize(clock.GetUtcNow());
                return;
            case ContainerKind.RestoreOperation or ContainerKind.RebuildOperation:
                // A snapshot has the keys of its time, among them some that were revoked since; a new root file system has none.
                resource.KeysUnknown();
                break;
        }

        // Members may have joined or left while it was stopped.
        if (
            resource.Status == ResourceStatus.Running
            && plugins.Find(resource.Plugin) is ISetsKeys
            && await keys.CanChangeAsync(resource, cancel)
            && (await keys.ForContainerAsync(resource, cancel)).Digest != resource.InstalledKeys
        )
        {
            await keys.EnqueueUpdateAsync([(resource.ProjectId, resource.Id)], cancel);
        }
    }
}
