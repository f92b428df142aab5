namespace Wombat.Domain.Plugins;

/// <summary>Ability: stops everything that it runs on this machine.</summary>
public interface IStopsLocalResources
{
    /// <summary>
    /// Stops all resources of this machine. Called while no Wombat runs on the same data; the next one starts again what its kind keeps
    /// running, such as databases.
    /// </summary>
    /// <returns>The number of resources that ran.</returns>
    Task<int> StopAllAsync(CancellationToken cancel);
}
