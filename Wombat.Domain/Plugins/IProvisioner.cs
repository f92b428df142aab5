namespace Wombat.Domain.Plugins;

/// <summary>A plugin that provisions the resource kind with this spec. One plugin may provision several kinds.</summary>
/// <typeparam name="TSpec">The spec of the resource kind.</typeparam>
public interface IProvisioner<TSpec> : IPlugin
{
    /// <summary>
    /// Creates the resource and waits until it is running, or finds it created. Reports its id to the log as soon as it is
    /// known.
    /// </summary>
    Task<ResourceObservation> ProvisionAsync(ProvisionRequest<TSpec> request, IPluginLog log, CancellationToken cancel);

    /// <summary>The fields of the spec, by their names in the API, that the plugin cannot apply.</summary>
    IReadOnlyList<string> FindUnsupported(TSpec spec) => [];
}
