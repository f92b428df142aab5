using Wombat.Application.Jobs;
using Wombat.Application.Plugins;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>
/// What a resource kind adds to the shared use cases and jobs. One instance per request or job; changes that it leaves in
/// the context are saved with those of the caller.
/// </summary>
public class ResourceHooks<TResource, TSpec>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
{
    /// <summary>Completes a request before anything else is decided, such as by the tier that it names.</summary>
    /// <exception cref="InvalidInputException">The request names something that does not exist.</exception>
    public virtual Task<ResourceRequest<TSpec>> ResolveAsync(ResourceRequest<TSpec> request, CancellationToken cancel) =>
        Task.FromResult(request);

    /// <summary>What is known to prevent a create with this spec, without a call to the outside system.</summary>
    public virtual Task<IReadOnlyList<PlanObjection>> FindObjectionsAsync(IPlugin plugin, TSpec spec, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<PlanObjection>>([]);

    /// <summary>
    /// Assigns what is unique over all projects, before the request is recorded, in a transaction that locks the project.
    /// </summary>
    /// <exception cref="InvalidInputException">The request names something that is taken.</exception>
    public virtual Task AssignAsync(TResource resource, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The resource is about to be saved for the first time, in a transaction that locks its project.</summary>
    public virtual Task OnRequestedAsync(TResource resource, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>What an operation would do, and what prevents it; for plans, and before the request is accepted. Changes nothing.</summary>
    public virtual Task<ResourceChangePlan> PlanOperationAsync(
        TResource resource,
        string operation,
        object? arguments,
        CancellationToken cancel
    ) => Task.FromResult(new ResourceChangePlan());

    /// <summary>What a deletion would remove.</summary>
    public virtual Task<ResourceChangePlan> PlanDeletionAsync(TResource resource, CancellationToken cancel) =>
        Task.FromResult(new ResourceChangePlan { Removes = [$"The {resource.Kind} {resource.Name} with all its data."] });

    /// <summary>
    /// An operation is requested, in a transaction that locks the resource. Returns the arguments that the job gets, without secrets.
    /// </summary>
    public virtual Task<object?> PrepareOperationAsync(TResource resource, string operation, object? arguments, CancellationToken cancel) =>
        Task.FromResult(arguments);

    /// <summary>The spec that the plugin gets in this attempt.</summary>
    public virtual Task<TSpec> PrepareAsync(TResource resource, JobRun run, CancellationToken cancel) => Task.FromResult(resource.Spec);

    /// <summary>The plugin has provisioned it with <paramref name="spec"/>, and its state is recorded.</summary>
    public virtual Task OnProvisionedAsync(TResource resource, TSpec spec, JobRun run, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The job of an operation has failed for good, was cancelled or was interrupted.</summary>
    public virtual Task OnOperationFailedAsync(TResource resource, string operation, EndedJob job, CancellationToken cancel) =>
        Task.CompletedTask;

    /// <summary>An operation has succeeded, and the state after it is recorded.</summary>
    public virtual Task OnOperatedAsync(TResource resource, string operation, JobRun run, CancellationToken cancel) => Task.CompletedTask;
}
