namespace Wombat.Domain.Plugins;

/// <summary>Ability: tells which resources have changed, so that they are compared at once and alone.</summary>
public interface IWatchesResources : IListsResources
{
    /// <summary>
    /// Completes when a resource may have changed since the last call completed. While the outside system cannot be watched, it does not
    /// complete; the interval counts then.
    /// </summary>
    Task WaitForChangeAsync(CancellationToken cancel);

    /// <summary>
    /// What the outside system has told so far, without a call of it. It may lack a change that was just made, so the state of a resource
    /// that Wombat itself has just changed is asked for by <see cref="IPlugin.StatusAsync"/>. Null while the outside system cannot be
    /// watched; then everything is listed.
    /// </summary>
    WatchedResources? TakeWatched();
}
