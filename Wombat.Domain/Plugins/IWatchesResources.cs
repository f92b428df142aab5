namespace Wombat.Domain.Plugins;

/// <summary>Ability: tells when resources have changed, so that the next listing need not wait for the interval.</summary>
public interface IWatchesResources : IListsResources
{
    /// <summary>
    /// Completes when a resource may have changed since the last call completed. While the outside system cannot be watched, it does not
    /// complete; the interval counts then.
    /// </summary>
    Task WaitForChangeAsync(CancellationToken cancel);
}
