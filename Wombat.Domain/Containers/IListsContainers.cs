using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Containers;

/// <summary>Ability: tells which containers it has, with what Wombat needs to manage again those that it has lost.</summary>
public interface IListsContainers
{
    /// <summary>
    /// Whether this Wombat alone creates containers there, so that each one with a key of Wombat's form is its own. A key does not tell
    /// which Wombat made it.
    /// </summary>
    bool IsExclusive { get; }

    /// <summary>
    /// All containers that carry a key of Wombat, as <see cref="IListsResources.ListAsync"/> lists them: one whose key cannot be read now
    /// is listed as <see cref="ObservedState.Unknown"/>.
    /// </summary>
    /// <exception cref="ExternalSystemException">Nothing can be listed.</exception>
    Task<IReadOnlyList<ListedContainer>> ListContainersAsync(CancellationToken cancel);
}
