using Wombat.Application.Jobs;
using Wombat.Application.Plugins;
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
    /// <summary>What is known to prevent a create with this spec, without a call to the outside system.</summary>
    public virtual Task<IReadOnlyList<PlanObjection>> FindObjectionsAsync(IPlugin plugin, TSpec spec, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<PlanObjection>>([]);

    /// <summary>The resource is about to be saved for the first time.</summary>
    public virtual void OnRequested(TResource resource) { }

    /// <summary>The spec that the plugin gets in this attempt.</summary>
    public virtual Task<TSpec> PrepareAsync(TResource resource, JobRun run, CancellationToken cancel) => Task.FromResult(resource.Spec);

    /// <summary>The plugin has provisioned it with <paramref name="spec"/>, and its state is recorded.</summary>
    public virtual Task OnProvisionedAsync(TResource resource, TSpec spec, JobRun run, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>An operation has succeeded, and the state after it is recorded.</summary>
    public virtual Task OnOperatedAsync(TResource resource, CancellationToken cancel) => Task.CompletedTask;
}
