using Wombat.Domain.Common;

namespace Wombat.Domain.Plugins;

/// <summary>Ability: new data for a resource, which keeps its name, address and size.</summary>
public interface IRebuildsResources
{
    /// <summary>
    /// Replaces the data of the resource by those of a new one. A call that is repeated with the request id does nothing if an earlier
    /// one succeeded; after one that was cut short, the resource has its old or its new data.
    /// </summary>
    /// <exception cref="ExternalSystemException">NotFound; Capacity if there is no room.</exception>
    Task<ResourceObservation> RebuildAsync(ResourceRef resource, Guid requestId, IPluginLog log, CancellationToken cancel);
}
