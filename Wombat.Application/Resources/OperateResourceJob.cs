using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Carries out an operation of the kind; the job's kind names it.</summary>
internal sealed class OperateResourceJob<TResource, TSpec>(
    ResourceJobServices services,
    ResourceHooks<TResource, TSpec> hooks,
    OperationPreparation<TResource, TSpec> preparation
) : ResourceJob(services)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
{
    // As when it was requested: an end of the job undoes what its request prepared.
    public override async Task RequeuedAsync(Job job, CancellationToken cancel)
    {
        await base.RequeuedAsync(job, cancel);
        var resource = (TResource)await Db.Resources.SingleAsync(r => r.Id == job.ResourceId, cancel);
        var operation = OperationOf(resource, job.Kind);
        var arguments = operation.Arguments is { } type ? JsonSerializer.Deserialize(job.Arguments, type, WombatJson.Options) : null;
        var changesDemand = await preparation.CheckAsync(resource, operation, arguments, cancel);
        await preparation.PrepareAsync(resource, operation, arguments, changesDemand, cancel);
    }

    protected override bool EndChangesStatus(Resource resource, EndedJob job) => !OperationOf(resource, job.Kind).KeepsStatus;

    protected override Task OnFailedAsync(Resource resource, EndedJob job, CancellationToken cancel) =>
        hooks.OnOperationFailedAsync((TResource)resource, OperationOf(resource, job.Kind).Name, job, cancel);

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        var operation = OperationOf(resource, run.Kind);
        var call =
            operation.Bind(plugin)
            ?? throw new JobFailedException(
                ErrorCode.NotSupported,
                $"The plugin {plugin.Name} does not support the operation {operation.Name}."
            );
        var typed = (TResource)resource;
        var seen = await call(new OperationCall(resource.Reference, typed.Spec, run, new PluginLog(run.Log)), cancel);
        if (seen is not null)
        {
            await ApplyObservationAsync(run, resource, seen, cancel);
        }

        await hooks.OnOperatedAsync(typed, operation.Name, run, cancel);
    }

    private ResourceOperation OperationOf(Resource resource, string jobKind) =>
        Kinds.Of(resource).Operation(jobKind[(jobKind.IndexOf('.', StringComparison.Ordinal) + 1)..]).Operation;
}
