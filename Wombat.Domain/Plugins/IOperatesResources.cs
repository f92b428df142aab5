namespace Wombat.Domain.Plugins;

/// <summary>Ability: start, stop, restart. Each call returns the state of the resource after it.</summary>
public interface IOperatesResources
{
    Task<ResourceObservation> StartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> StopAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);

    Task<ResourceObservation> RestartAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel);
}
