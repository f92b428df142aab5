using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>Carries out an operation of the kind; the job's kind names it.</summary>
internal sealed class OperateResourceJob<TResource, TSpec>(ResourceJobServices services, ResourceHooks<TResource, TSpec> hooks)
    : ResourceJob(services)
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
{
    protected override void EnsureRetryable(Resource resource, Job job) =>
        resource.EnsureOperable(OperationOf(job.Kind), Kinds.Of(resource).Operation(OperationOf(job.Kind)).Operation.AllowedIn);

    protected override bool EndChangesStatus(Resource resource, EndedJob job) =>
        !Kinds.Of(resource).Operation(OperationOf(job.Kind)).Operation.KeepsStatus;

    protected override Task OnFailedAsync(Resource resource, EndedJob job, CancellationToken cancel) =>
        hooks.OnOperationFailedAsync((TResource)resource, OperationOf(job.Kind), job, cancel);

    protected override async Task RunAsync(JobRun run, Resource resource, IPlugin plugin, CancellationToken cancel)
    {
        var (operation, _) = Kinds.Of(resource).Operation(OperationOf(run.Kind));
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

    private static string OperationOf(string jobKind) => jobKind[(jobKind.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
