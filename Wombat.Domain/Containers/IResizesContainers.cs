using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Containers;

/// <summary>Ability: changes the size of an existing container.</summary>
public interface IResizesContainers
{
    /// <summary>
    /// Applies the sizes: memory and cores of a running container at once, the disk by growing it. A repeated call has the same result.
    /// </summary>
    /// <returns>The state of the container after it.</returns>
    /// <exception cref="ExternalSystemException">
    /// NotFound; Invalid: the disk cannot have this size; Conflict: the container uses more memory than it would have.
    /// </exception>
    Task<ResourceObservation> ResizeAsync(ResourceRef resource, ContainerSize size, IPluginLog log, CancellationToken cancel);
}
