using Wombat.Domain.Plugins;

namespace Wombat.Api.Tests.Resources;

/// <summary>Ability: an operation that only probes have.</summary>
public interface ICalibratesProbes
{
    Task<ResourceObservation> CalibrateAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);
}
