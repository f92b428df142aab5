namespace Wombat.Domain.Plugins;

/// <summary>Ability: all resources in one call, so that reconciling a thousand resources costs one call.</summary>
public interface IListsResources
{
    /// <summary>
    /// All resources that carry a Wombat key, including duplicates of one key. A resource whose key cannot be read now, such
    /// as one on an unreachable node, is listed as <see cref="ObservedState.Unknown"/>: whatever is left out counts as
    /// missing. Fails only when nothing can be listed.
    /// </summary>
    Task<ResourceListing> ListAsync(CancellationToken cancel);
}
